extension Wire {
    /// One entry of `GET /v1/regions`.
    package struct Region: JSONWritable, Hashable {
        package let id: String
        package let name: String
        package let flag: String
        /// The engine whose machines stand there.
        package let engine: String
        /// The name is a label: the machines stand on the installation's own host.
        package let simulatedLocation: Bool

        package init(id: String, name: String, flag: String, engine: String, simulatedLocation: Bool) {
            self.id = id
            self.name = name
            self.flag = flag
            self.engine = engine
            self.simulatedLocation = simulatedLocation
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("id", id)
                writer.field("name", name)
                writer.field("flag", flag)
                writer.field("engine", engine)
                writer.field("simulated_location", simulatedLocation)
            }
        }
    }
}
