import Kernel

/// Text that somebody looks for within names, whatever its case.
enum SearchText {
    /// That `column` has `text` in it. What stands for other characters in SQL stands for itself.
    static func isWithin(_ column: SQL, _ text: String) -> SQL {
        var pattern = ""
        for character in text.lowercased() {
            if "%_\\".contains(character) { pattern.append("\\") }
            pattern.append(character)
        }
        return "LOWER(\(column)) LIKE \("%" + pattern + "%") ESCAPE '\\'"
    }
}
