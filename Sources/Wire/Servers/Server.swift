extension Wire {
    /// A server, whole, as every answer about one shows it.
    package struct Server: JSONWritable, Hashable {
        package let id: String
        package let name: String
        package let plan: String
        package let planName: String
        package let specs: Specs
        package let region: String
        package let image: String
        package let state: String
        package let publicIP: String?
        /// Per month, in cents AUD.
        package let priceCents: Int64
        package let sshUser: String
        package let sshPort: Int
        package let failure: Failure?
        package let createdAt: Timestamp
        package let terminatedAt: Timestamp?
        /// What it has cost since it was first on.
        package let costToDateCents: Int64

        package struct Specs: JSONWritable, Hashable {
            package let vcpu: Int
            /// As shown: `4 GB`.
            package let ram: String
            package let storageGB: Int

            package init(vcpu: Int, ram: String, storageGB: Int) {
                self.vcpu = vcpu
                self.ram = ram
                self.storageGB = storageGB
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.field("vcpu", vcpu)
                    writer.field("ram", ram)
                    writer.field("storage_gb", storageGB)
                }
            }
        }

        /// Why the server is in `error`, or what last went wrong with it.
        package struct Failure: JSONWritable, Hashable {
            package let code: String
            package let message: String

            package init(code: String, message: String) {
                self.code = code
                self.message = message
            }

            package func write(to writer: inout JSONWriter) {
                writer.object { writer in
                    writer.field("code", code)
                    writer.field("message", message)
                }
            }
        }

        package init(
            id: String, name: String, plan: String, planName: String, specs: Specs, region: String, image: String,
            state: String, publicIP: String?, priceCents: Int64, sshUser: String, sshPort: Int, failure: Failure?,
            createdAt: Timestamp, terminatedAt: Timestamp?, costToDateCents: Int64
        ) {
            self.id = id
            self.name = name
            self.plan = plan
            self.planName = planName
            self.specs = specs
            self.region = region
            self.image = image
            self.state = state
            self.publicIP = publicIP
            self.priceCents = priceCents
            self.sshUser = sshUser
            self.sshPort = sshPort
            self.failure = failure
            self.createdAt = createdAt
            self.terminatedAt = terminatedAt
            self.costToDateCents = costToDateCents
        }

        package func write(to writer: inout JSONWriter) {
            writer.object { writer in
                writer.field("id", id)
                writer.field("name", name)
                writer.field("plan", plan)
                writer.field("plan_name", planName)
                writer.field("specs", specs)
                writer.field("region", region)
                writer.field("image", image)
                writer.field("state", state)
                writer.field("public_ip", publicIP)
                writer.field("price_cents", priceCents)
                writer.field("ssh_user", sshUser)
                writer.field("ssh_port", sshPort)
                writer.field("failure", failure)
                writer.field("created_at", createdAt)
                writer.field("terminated_at", terminatedAt)
                writer.field("cost_to_date_cents", costToDateCents)
            }
        }
    }
}
