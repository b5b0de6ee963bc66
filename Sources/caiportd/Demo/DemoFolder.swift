import Foundation
import Kernel

/// `DIR/demo`: what the demonstration keeps on purpose so that its lines can be pasted, for its owner only.
struct DemoFolder: Sendable {
    let path: String

    var privateKey: String { "\(path)/id_ed25519" }
    var publicKey: String { "\(path)/id_ed25519.pub" }
    var apiKey: String { "\(path)/api-key" }
    var password: String { "\(path)/password" }
    var knownHosts: String { "\(path)/known_hosts" }

    func make() throws(Complaint) {
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Complaint("Cannot make \(path)", errno: errno) }
        guard chmod(path, 0o700) == 0 else { throw Complaint("Cannot close \(path) to other users", errno: errno) }
    }

    /// A kept line; nil when there is none.
    func line(_ file: String) -> String? {
        guard let bytes = try? readFile(file, atMost: 65_536, calledThe: "file") else { return nil }
        let line = String(decoding: bytes, as: UTF8.self).prefix { !$0.isNewline }
        return line.isEmpty ? nil : String(line)
    }

    func keep(_ secret: Secret<String>, in file: String) throws(Complaint) {
        try writePrivateFile(file, secret.exposed + "\n")
    }
}
