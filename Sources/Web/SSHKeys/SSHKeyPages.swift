import Cloud
import HTTPTypes

/// The keys that are installed on servers.
struct SSHKeyPages: Sendable {
    let sshKeys: SSHKeys
    let repeats: Repeats

    @Sendable func list(_ visit: Visit) async throws -> Answer { try await page(visit, nil) }

    @Sendable func add(_ visit: Visit) async throws -> Answer {
        do {
            return try await visit.once(in: repeats, to: "/ssh-keys?done=added") { once in
                try await sshKeys.add(
                    name: visit.form.optional("name"), publicKey: visit.form["public_key"], by: visit.requester(),
                    once: once)
            }
        } catch let refusal as Refusal {
            return try await page(visit, refusal)
        }
    }

    @Sendable func remove(_ visit: Visit) async throws -> Answer {
        try await visit.once(in: repeats, to: "/ssh-keys?done=removed") { once in
            try await sshKeys.remove(visit.exchange.id, by: visit.requester(), once: once)
        }
    }

    private static let notices = [
        "added": "The key is added: every server you deploy from now on has it.",
        "removed": "The key is removed. Servers that have it keep it.",
    ]

    private func page(_ visit: Visit, _ refusal: Refusal?) async throws -> Answer {
        let keys = try await sshKeys.list(of: visit.person().account)
        let rows = keys.map { key -> HTML in
            """
            <tr><td data-label="Name"><b>\(key.name)</b></td>\
            <td data-label="Fingerprint" class="mono">\(key.fingerprint)</td>\
            <td class="number" data-label="">\(visit.button(
                "Remove", Link("/ssh-keys/\(key.id)/remove"), class: "danger small",
                visit.once(from: Form())))</td></tr>
            """
        }
        let list: HTML =
            keys.isEmpty
            ? """
            <div class="card empty"><h2>No SSH keys yet</h2><p>Servers let in who has a key, and nobody by password. \
            Add yours before you deploy.</p></div>
            """
            : """
            <div class="card"><table><thead><tr><th>Name</th><th>Fingerprint</th><th></th></tr></thead>\
            <tbody>\(rows)</tbody></table></div>
            """
        let form: HTML = """
            \(visit.once(from: Form()))\(Field.area(
                "Public key", "public_key", value: visit.form["public_key"],
                hint: "One line, such as cat ~/.ssh/id_ed25519.pub shows. Never the private key.", refusal: refusal))
            \(Field.line(
                "Name", "name", value: visit.form["name"], hint: "Left empty, it is the key's own comment",
                required: false, refusal: refusal))
            <button class="button">Add the key</button>
            """
        let body: HTML = """
            <div class="head"><div><h1>SSH keys</h1><p class="soft">All of them are installed on each server you \
            deploy.</p></div></div>\(Field.summary(refusal, besides: ["public_key", "name"]))\(list)
            <section class="card"><h2>Add a key</h2>\(visit.form("/ssh-keys", form))</section>
            """
        let notice = Self.notices[visit.query["done"]].map(Page.Notice.good)
        return visit.page(Page("SSH keys", at: .sshKeys, notice: notice, body), refused: refusal)
    }
}
