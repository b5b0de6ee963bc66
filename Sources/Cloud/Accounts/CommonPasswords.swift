import Foundation

/// The passwords that every attacker tries first.
enum CommonPasswords {
    /// Whether `password` is one of them, in whatever case.
    static func contain(_ password: String) -> Bool {
        all.contains(password.lowercased())
    }

    /// Those of eight characters and more that head the lists drawn from leaked databases; shorter ones are
    /// refused for their length already.
    private static let all = Set(
        """
        00000000 000000000 0000000000 01234567 012345678 0123456789 01020304 0987654321 09876543 10203040
        1020304050 11111111 111111111 1111111111 11112222 11223344 1122334455 112233445566 12121212 12341234
        1234123412 12344321 1234512345 12345678 123456781 123456788 123456789 1234567890 12345678900
        1234567891 12345678910 123456789a 123456789q 1234567899 1234567a 1234567q 12345679 123456987
        1234554321 123456654321 12345qwert 1234abcd 1234qwer 123123123 123321123 12312312 123abc123 123qweasd
        123qweasdzxc 123qwe123 123654789 13131313 13579246 135792468 1357924680 142536475869 147258369
        147852369 159357456 159753456 19841984 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y 1qaz2wsx 1qaz2wsx3edc 1qazxsw2
        1qaz1qaz 20002000 20202020 21212121 22222222 222222222 23232323 2wsx3edc 25802580 31415926 33333333
        333333333 44444444 55555555 555555555 5555555555 66666666 666666666 741852963 77777777 777777777
        7777777777 78787878 789456123 87654321 88888888 888888888 8888888888 963852741 987654321 9876543210
        98765432 99999999 999999999 9999999999 a1234567 a12345678 a123456789 a1b2c3d4 a1s2d3f4 aa123456
        aa12345678 aaaaaaaa aaaaaaaaa aaaaaaaaaa abc12345 abc123456 abc123abc abcd1234 abcd12345 abcdabcd
        abcdefgh abcdefg1 abcdefghi abcdefghij access14 admin123 admin1234 admin12345 admin123456 admin@123
        administrator airborne alejandra alejandro alexande alexander alexandra alexandria amsterdam
        anderson angelica angelina anthony1 apple123 arsenal1 asd123456 asdasdasd asdf1234 asdfasdf asdfghjk
        asdfghjkl asdfjkl; asdfqwer assassin babygirl babygirl1 baseball baseball1 basketball
        bearbear benjamin bigdaddy blink182 bluebird brooklyn bullshit butterfly butterfly1 caiport123
        caroline carolina carter15 cartman1 caterina celtic1888 champion changeit changeme changeme1
        changeme123 charlie1 charlotte chelsea1 chelseafc chicken1 chocolate chocolate1 christian
        christina christine christmas cjmasterinf cocacola computer computer1 cookie123 courtney creative
        crystal1 daniel123 darkness default1 diamond1 dolphin1 dolphins dragon12 dragon123 drowssap
        einstein elephant elizabeth england1 estrella evangelion everton1 fernando ferrari1 fireball
        firebird florence football football1 forever1 francesco francisco franklin freedom1 friends1
        fuckyou1 fuckyou2 garfield gateway1 gabriela gangster gfhjkm123 godzilla goldfish googledummy
        guinness hallo123 hardcore hello123 hello1234 helloworld hollywood honeybee icecream iloveyou
        iloveyou1 iloveyou2 iloveyou! iloveyou123 iloveyou12 inuyasha internet isabella jackson1 jasmine1
        jennifer jessica1 johncena jonathan jordan23 jordan123 juventus killer123 kimberly kristina
        lavender leonardo letmein1 letmein12 letmein123 letmein! limewire liverpool liverpool1
        lol123456 london123 love1234 lovelove loveme123 loverboy madison1 manchester manutd123 marlboro
        maradona margarita marshall maryjane master123 matrix123 maverick mercedes metallica michael1
        michael123 michelle midnight minecraft mitchell mnbvcxz1 mohammed monkey12 monkey123 monkey1234
        montreal mosquito motorola mountain mustang1 myspace1 naruto123 napoleon nicholas nintendo
        nirvana1 nothing1 november octavian october1 p@55w0rd p@55word p@ssw0rd p@ssw0rd1 p@ssw0rd123 p@ssword
        p@ssword1 pa$$w0rd pa$$word pa55w0rd pa55word pakistan pakistan123 paradise pass1234 pass12345 pass@123
        passpass passw0rd passw0rd1 passw0rd! password password! password0 password00 password01 password1
        password1! password10 password11 password12 password12! password123 password123! password1234
        password12345 password123456 password13 password2 password2020 password21 password22 password23
        password3 password5 password7 password69 password9 password99 password@1 password@123 passwort
        passwort1 patricia patrick1 pokemon1 pokemon123 porsche911 precious princess princess1 princess12
        princesa q1w2e3r4 q1w2e3r4t5 q1w2e3r4t5y6 qazwsx123 qazwsxedc qazxswedc qwe123456
        qwe123qwe qweasd123 qweasdzxc qweqweqwe qwer1234 qwerqwer qwert123 qwert1234 qwert12345 qwerty01
        qwerty11 qwerty12 qwerty123 qwerty1234 qwerty12345 qwerty123456 qwerty123! qwerty78 qwertyui
        qwertyuio qwertyuiop qwertz123 qwertzui qwertzuiop rainbow1 rangers1 rebecca1 remember
        richard1 robert123 rockstar rockyou1 roosters root1234 rootroot rosebud1 rush2112 samantha samsung1
        samsung123 saturday scarface scorpion scooter1 sebastian secret123 security september serenity
        shadow12 shadow123 slipknot slipknot1 snickers snowball soccer12 softball spiderman spiderman1
        spongebob starcraft startrek starwars starwars1 steelers stephanie sterling strawberry summer123
        sunflower sunshine sunshine1 superman superman1 superstar sweetheart sweetpea swordfish
        teddybear test1234 test12345 test123456 testtest testing1 testing123 thailand thomas123 thunder1
        tinkerbell tottenham tottenham1 trinity1 trustno1 tunafish unknown1 valentina vanessa1 veronica
        victoria vladimir voyager1 warcraft warriors welcome1 welcome12 welcome123 welcome@123 westside
        whatever whatever1 william1 windows1 winston1 wolfgang wrestling xxxxxxxx yankees1 yellow123
        yourmom1 zaq12wsx zaq1zaq1 zaq1xsw2 zxcvbnm1 zxcvbnm123 zxcvbnm, zxcvzxcv zxc123456
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
