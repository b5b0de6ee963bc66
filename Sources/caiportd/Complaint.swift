import Cloud
import Foundation
import Kernel
import Providers
import Web

/// Why a command does not do what it was told: one sentence an operator can act on.
struct Complaint: Error, CustomStringConvertible {
    let sentence: String

    init(_ sentence: String) {
        self.sentence = sentence
    }

    /// What any error means to an operator. It is one line and shows no secret: the errors of the project
    /// do not carry any.
    init(about error: any Error) {
        let sentence =
            switch error {
            case let complaint as Complaint: complaint.sentence
            case let refused as ListenerRefused: refused.description
            case let refusal as Refusal: refusal.sentence
            case let refused as MigrationRefused: Self.capitalised(refused.description)
            case let unavailable as DatabaseUnavailable: "The database cannot be used: \(unavailable.reason)"
            case let error as NameServerError: Self.capitalised(error.sentence)
            case let missing as PublicSuffixesMissing: Self.capitalised(missing.description)
            case is CommitUnknown:
                "The connection to the database was lost while it committed; look whether it was done, and try again"
            case let refused as StatementRefused: "The database does not understand this program: \(refused.reason)"
            default: "Something unexpected went wrong: \(error)"
            }
        self.sentence = sentence.split(whereSeparator: \.isNewline).joined(separator: " ")
    }

    /// A system call failed on a file.
    init(_ attempt: String, errno code: Int32) {
        sentence = "\(attempt): \(String(cString: strerror(code)))"
    }

    var description: String { sentence }

    private static func capitalised(_ words: String) -> String {
        words.prefix(1).uppercased() + words.dropFirst()
    }
}
