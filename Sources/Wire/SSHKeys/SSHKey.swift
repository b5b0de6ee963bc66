extension Wire {
    /// An SSH key of the account.
    package struct SSHKey: JSONWritable, Hashable {
        package let id: String
        package let name: String
        /// One line: algorithm, base64 and comment.
        package let publicKey: String
        /// As `ssh-keygen -l` prints it: `SHA256:…`.
        package let fingerprint: String
        package let createdAt: Timestamp

        package init(id: String, name: String, publicKey: String, fingerprint: String, createdAt: Timestamp) {
            self.id = id
            self.name = name
            self.publicKey = publicKey
            self.fingerprint = fingerprint
            self.createdAt = createdAt
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("id", id)
                writer.field("name", name)
                writer.field("public_key", publicKey)
                writer.field("fingerprint", fingerprint)
                writer.field("created_at", createdAt)
            }
        }
    }

    /// The body of `POST /v1/ssh-keys`.
    package struct AddSSHKey: JSONWritable, Hashable {
        package let name: String?
        package let publicKey: String

        package init(name: String?, publicKey: String) {
            self.name = name
            self.publicKey = publicKey
        }

        /// - Throws: `BodyFault.mistyped`, `BodyFault.missing`.
        package init(reading fields: RequestFields) throws(BodyFault) {
            var fields = fields
            name = fields.string("name")
            publicKey = fields.requiredString("public_key")
            try fields.checkTypes()
            try fields.checkPresence()
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                if let name { writer.field("name", name) }
                writer.field("public_key", publicKey)
            }
        }
    }

    /// The answer of `DELETE /v1/ssh-keys/{id}`, under `data`.
    package struct Deleted: JSONWritable, Hashable {
        package let id: String

        package init(id: String) {
            self.id = id
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("id", id)
                writer.field("deleted", true)
            }
        }
    }
}
