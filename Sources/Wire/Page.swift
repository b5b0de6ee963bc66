extension Wire {
    /// `{"data": […], "next": …}`: a part of a list, and where the next part begins.
    package struct Page<Element: JSONWritable>: JSONWritable {
        package let data: [Element]
        /// The `cursor` to ask the next part with; null when this is the last.
        package let next: String?

        package init(_ data: [Element], next: String?) {
            self.data = data
            self.next = next
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("data", data)
                writer.field("next", next)
            }
        }
    }
}
