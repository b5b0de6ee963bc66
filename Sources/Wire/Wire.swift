/// The request and response types of the public API, as its documentation spells them.
///
/// They are nested in this name so that a file can hold both `Server`, the product's, and `Wire.Server`, what
/// travels. This target imports nothing: a client builds on it without the product behind it.
package enum Wire {}

/// What knows its own JSON, key by key, in the order of the documentation.
package protocol JSONWritable: Sendable {
    func write(to writer: inout JSONWriter)
}

extension JSONWritable {
    /// The compact JSON of this value, as UTF-8.
    package func json(capacity: Int = 512) -> [UInt8] {
        var writer = JSONWriter(capacity: capacity)
        write(to: &writer)
        return writer.finish()
    }
}

extension Array: JSONWritable where Element: JSONWritable {
    package func write(to writer: inout JSONWriter) {
        writer.array { writer in
            for element in self { element.write(to: &writer) }
        }
    }
}

extension Wire {
    /// `{"data": …}`, the form of every answer but the account's.
    package struct DataAnswer<Content: JSONWritable>: JSONWritable {
        package let data: Content

        package init(_ data: Content) {
            self.data = data
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("data", data)
            }
        }
    }
}
