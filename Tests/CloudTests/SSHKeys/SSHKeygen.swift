import Fakes
import Foundation
import Testing

/// The system's `ssh-keygen`, which makes the tests' keys and is the judge of ours.
struct SSHKeygen {
    /// One new public key of each kind that needs no hardware, as lines of a `.pub` file.
    static func publicKeys() async throws -> [String] {
        let kinds = [
            ["-t", "ed25519"], ["-t", "ecdsa", "-b", "256"], ["-t", "ecdsa", "-b", "384"],
            ["-t", "ecdsa", "-b", "521"], ["-t", "rsa", "-b", "2048"],
        ]
        var keys: [String] = []
        for kind in kinds { keys.append(try await publicKey(of: kind)) }
        return keys
    }

    static func publicKey(of kind: [String], comment: String = "ana@laptop") async throws -> String {
        try await inScratchFolder { folder in
            let file = folder.appending(path: "key")
            _ = try await run(kind + ["-q", "-N", "", "-C", comment, "-f", file.path], in: folder)
            return try String(contentsOf: file.appendingPathExtension("pub"), encoding: .utf8)
        }
    }

    static func privateKey() async throws -> String {
        try await inScratchFolder { folder in
            let file = folder.appending(path: "key")
            _ = try await run(["-q", "-t", "ed25519", "-N", "", "-f", file.path], in: folder)
            return try String(contentsOf: file, encoding: .utf8)
        }
    }

    /// What `ssh-keygen -lf` says of each text: the fingerprints it prints, none when it refuses the text.
    ///
    /// It prints a line for each key of a file and skips what is none, so all texts go into one file, and a
    /// key with a number for a comment between them tells whose answer is whose.
    static func fingerprints(of texts: [String]) async throws -> [[String]] {
        try await inScratchFolder { folder in
            let mark = try await publicKey(of: ["-t", "ed25519"], comment: "").split(separator: " ").prefix(2)
                .joined(separator: " ")
            var content = ""
            for (index, text) in texts.enumerated() {
                content += "\(mark) mark-\(index)\n\(text)\n"
            }
            let file = folder.appending(path: "keys")
            try Data(content.utf8).write(to: file)
            let output = try await run(["-lf", file.path], in: folder)

            var answers: [[String]] = []
            for line in output.split(separator: "\n") {
                let fields = line.split(separator: " ")
                // For the comment of a key without one, ssh-keygen 9.2 prints what lies in its memory: whole lines.
                guard fields.count > 1, fields[1].hasPrefix("SHA256:") else { continue }
                if fields.count == 4, fields[2] == "mark-\(answers.count)" {
                    answers.append([])
                } else {
                    try #require(!answers.isEmpty)
                    answers[answers.count - 1].append(String(fields[1]))
                }
            }
            try #require(answers.count == texts.count)
            return answers
        }
    }

    private static func run(_ arguments: [String], in folder: URL) async throws -> String {
        let run = try await ChildProcess.run("ssh-keygen", arguments, directory: folder.path)
        try #require(run.succeeded, "\(run.words)")
        return run.output
    }

    private static func inScratchFolder<Value>(_ work: (URL) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appending(path: "ssh-keygen-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        return try await work(folder)
    }
}
