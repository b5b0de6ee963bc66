import Cloud
import HTTPTypes

/// Asks for the password once more, and carries what was filled in along.
enum PasswordPage {
    static func answer(_ visit: Visit, refusal: Refusal?) -> Answer {
        let carried = visit.form.carried.map { Field.hidden($0.name, $0.value) }
        let told = refusal.map {
            Refusal($0.code, $0.sentence, fields: [FormField.password: $0.fields["password"] ?? $0.sentence])
        }
        let body: HTML = """
            <div class="narrow card"><h1>Your password, once more</h1>
            <p>What you are about to do touches keys or the account itself, and you signed in a while ago.</p>
            \(visit.form(Link(returning: visit.path) ?? "/home", """
                \(carried)
                \(Field.line(
                    "Password", FormField.password, type: "password", complete: "current-password", focused: true,
                    refusal: told))
                <button class="button">Go on</button> <a class="quiet" href="/home">Never mind</a>
                """))</div>
            """
        let page = Page("Your password, once more", body)
        return visit.page(page, refusal.map { ErrorResponder.status(of: $0.code) } ?? .forbidden)
    }
}
