/// A name somebody gives a thing of theirs, to know it by: shown, never interpreted.
package enum Label {
    static let rule = "must be 1 to 64 visible characters"

    /// Refused are control characters and the invisible ones that turn or hide text.
    package static func isValid(_ text: String, atMost length: Int = 64) -> Bool {
        let scalars = text.unicodeScalars
        guard (1...max(1, length)).contains(scalars.count), !scalars.allSatisfy(\.properties.isWhitespace) else {
            return false
        }
        return scalars.allSatisfy { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse, .surrogate: false
            default: true
            }
        }
    }
}
