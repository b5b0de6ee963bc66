/// A page of the documentation, in the order in which somebody new reads them.
struct Chapter: Sendable {
    /// Its place in the address.
    let id: String
    let title: String
    /// The tags of the API's description whose calls stand in it.
    let tags: [String]

    static let all = [
        Chapter(id: "plans", title: "Plans, regions and images", tags: ["Catalogue"]),
        Chapter(id: "account", title: "Account", tags: ["Account"]),
        Chapter(id: "servers", title: "Servers", tags: ["Servers"]),
        Chapter(id: "ssh-keys", title: "SSH keys", tags: ["SSH keys"]),
        Chapter(id: "domains", title: "Domains", tags: ["Domains"]),
        Chapter(id: "dns", title: "DNS records", tags: ["DNS"]),
        Chapter(id: "billing", title: "Billing", tags: ["Billing"]),
        Chapter(id: "repeats", title: "Repeating a request", tags: []),
        Chapter(id: "errors", title: "Errors", tags: []),
        Chapter(id: "rate-limits", title: "Rate limits", tags: []),
        Chapter(id: "service", title: "The service itself", tags: ["Service"]),
    ]

    var link: Link { "/docs/\(id)" }
}
