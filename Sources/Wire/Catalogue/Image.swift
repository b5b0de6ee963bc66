extension Wire {
    /// One entry of `GET /v1/images`.
    package struct Image: JSONWritable, Hashable {
        package let id: String
        package let name: String
        package let sshUser: String
        /// Nil when servers can be deployed from it now; otherwise why not.
        package let unavailableReason: String?

        package init(id: String, name: String, sshUser: String, unavailableReason: String?) {
            self.id = id
            self.name = name
            self.sshUser = sshUser
            self.unavailableReason = unavailableReason
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("id", id)
                writer.field("name", name)
                writer.field("ssh_user", sshUser)
                writer.field("available", unavailableReason == nil)
                if let unavailableReason { writer.field("reason", unavailableReason) }
            }
        }
    }
}
