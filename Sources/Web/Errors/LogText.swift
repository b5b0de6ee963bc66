/// Text of unknown origin on its way to a log line.
package enum LogText {
    /// The text with everything that could end the line or steer a terminal written as `\u{…}`, cut to
    /// 1000 characters.
    package static func escape(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars.prefix(1000) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator:
                escaped += "\\u{\(String(scalar.value, radix: 16))}"
            default:
                escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
