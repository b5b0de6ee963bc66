import Cloud
import Wire

/// Rows of the same kind in an answer: an array of objects, or lines under a heading.
struct AdminTable {
    let name: String
    let columns: [String]
    let rows: [[Cell]]

    enum Cell {
        case text(String)
        case number(Int64)
        /// Cents: a number in JSON, `39.00` for people.
        case money(Int64)
        case flag(Bool)
        case none
    }

    func write(to writer: inout JSONWriter) {
        writer.key(name)
        writer.array { writer in
            for row in rows {
                writer.object { writer in
                    for (column, cell) in zip(columns, row) {
                        writer.key(column)
                        cell.write(to: &writer)
                    }
                }
            }
        }
    }

    var text: String {
        let heading = columns.map { $0.replacing("_cents", with: "").replacing("_", with: " ") }
        let lines = [heading] + rows.map { $0.map(\.shown) }
        let widths = columns.indices.map { place in lines.map { $0[place].count }.max() ?? 0 }
        return lines.map { line in
            let cells = zip(line, widths).map { text, width in text + String(repeating: " ", count: width - text.count)
            }
            return String(cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed()) + "\n"
        }.joined()
    }
}

extension AdminTable.Cell {
    fileprivate func write(to writer: inout JSONWriter) {
        switch self {
        case .text(let text): writer.string(text)
        case .number(let number), .money(let number): writer.integer(number)
        case .flag(let flag): writer.bool(flag)
        case .none: writer.null()
        }
    }

    /// What customers have named may hold anything visible; nothing of it is a command to a terminal.
    fileprivate var shown: String {
        switch self {
        case .text(let text): LogText.plain(text)
        case .number(let number): "\(number)"
        case .money(let cents): CSVLine.amount(Money(cents: cents))
        case .flag(let flag): flag ? "yes" : "no"
        case .none: "-"
        }
    }
}
