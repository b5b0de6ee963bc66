import Foundation

/// What the demonstration tells people to type. Every line can be pasted as it is.
struct DemoLines {
    let url: String
    let folder: DemoFolder

    /// The lines of the quickstart.
    func quickstart(server: String?) -> String {
        let key = #"-H "Authorization: Bearer $(cat \#(Shell.quoted(folder.apiKey)))""#
        let second = #"{"plan":"nano","region":"ap-southeast-2","image":"debian-12","name":"my-second"}"#
        let id = server ?? "SERVER_ID"
        let lines = [
            ("What can be deployed", "curl -s \(url)/v1/plans"),
            (
                "Deploy another server",
                #"curl -s -X POST \#(url)/v1/servers \#(key) -H "Content-Type: application/json" -d '\#(second)'"#
            ),
            ("See all servers; poll until they are running", "curl -s \(url)/v1/servers \(key)"),
            ("See the first one", "curl -s \(url)/v1/servers/\(id) \(key)"),
            ("Destroy it, which is how it is cancelled", "curl -s -X DELETE \(url)/v1/servers/\(id) \(key)"),
        ]
        let shown = server == nil ? Array(lines.prefix(3)) : lines
        return shown.map { "  # \($0.0)\n  \($0.1)\n" }.joined(separator: "\n")
    }

    /// The arguments of `ssh` that sign in to the server. Its host key is remembered under its id, not under
    /// its address, which another server may have had before.
    func sshArguments(_ server: DemoAPI.Server, at address: String) -> [String] {
        var arguments = [
            // The user's own configuration is for other hosts.
            "-F", "none", "-i", folder.privateKey, "-o", "IdentitiesOnly=yes", "-o",
            "UserKnownHostsFile=\(quotedForSSH(folder.knownHosts))",
            "-o", "HostKeyAlias=\(server.id)", "-o", "StrictHostKeyChecking=accept-new", "-o", "LogLevel=ERROR",
        ]
        if server.sshPort != 22 { arguments += ["-p", "\(server.sshPort)"] }
        return arguments + ["\(server.sshUser)@\(address)"]
    }

    func ssh(_ server: DemoAPI.Server, at address: String) -> String {
        (["ssh"] + sshArguments(server, at: address)).map(Shell.quoted).joined(separator: " ")
    }

    /// ssh splits this option's value at spaces, unless it is in double quotes, and knows `%` as an escape.
    private func quotedForSSH(_ path: String) -> String {
        let escaped = path.replacing("%", with: "%%")
        return escaped.contains(" ") ? "\"\(escaped)\"" : escaped
    }
}

/// Words as a shell takes them.
enum Shell {
    static func quoted(_ word: String) -> String {
        let isPlain = !word.isEmpty && word.utf8.allSatisfy(isPlain)
        return isPlain ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: "-_./:=@%+,".utf8.contains(byte)
        }
    }
}
