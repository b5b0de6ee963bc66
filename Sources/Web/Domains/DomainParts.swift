import Cloud
import Kernel

/// What the page of a name shows beside its records.
struct DomainParts {
    let domain: Domain
    let calendar: BillingCalendar
    let nameServers: [String]

    private var home: Link { "/domains/\(domain.id)" }

    var figures: HTML {
        let failure = domain.failure.map { #"<p class="notice bad">\#($0)</p>"# as HTML }
        return """
            <section class="card" data-live="\(home)" data-part="figures">\
            \(domain.state == .pending ? "<span data-moving></span>" : .empty)\(failure)<dl>
            <dt>Registered until</dt><dd>\(domain.expiresAt.map { calendar.date(of: $0) } ?? "—")</dd>
            <dt>Renewal</dt><dd>\(domain.autoRenews ? "By itself, before it ends" : "Not by itself")</dd>
            <dt>Transfer</dt><dd>\(domain.isLocked ? "Locked" : "Unlocked")</dd>
            <dt>Name servers</dt><dd>\(nameServers.joined(separator: ", "))</dd></dl>
            <p class="row"><a href="\(Link("/domains/\(domain.id)/history"))">History</a> \
            <a href="\(Link("/domains/\(domain.id)/import"))">Import and export</a> \
            <a href="/domains/registrant">Registrant</a> \
            <a href="\(Link("/domains/\(domain.id)/check"))">Is it answered?</a></p></section>
            """
    }

    func connection(_ servers: [Server], _ visit: Visit) -> HTML {
        let mine = servers.filter { $0.state != .terminated && $0.state != .error }
        guard !mine.isEmpty else { return .empty }
        let options = mine.map { server -> HTML in
            #"<option value="\#(server.id.text)">\#(server.name)</option>"#
        }
        return """
            <section class="card"><h2>Connect it to a server</h2><p class="soft">The name and www point to it, and \
            follow it when its address changes.</p>\(visit.form(Link("/domains/\(domain.id)/connect"), """
                \(visit.once(from: Form()))<div class="field"><label for="server">Server</label>\
                <select id="server" name="server">\(options)</select></div><button>Connect</button>
                """))</section>
            """
    }

    func terms(_ visit: Visit) -> HTML {
        let actions = Link("/domains/\(domain.id)/actions")
        func button(_ label: String, _ action: String) -> HTML {
            visit.button(label, actions, "\(Field.hidden("action", action))\(visit.once(from: Form()))")
        }
        let signers = domain.signers.map { signer -> HTML in "<li><code>\(signer.description)</code></li>" }
        let published: HTML = signers.isEmpty ? .empty : "<p>DS records:</p><ul>\(signers)</ul>"
        return """
            <section class="card"><h2>Registration</h2><div class="row">\(button("Renew for a year", "renew"))\
            \(domain.autoRenews
                ? button("Do not renew it by itself", "auto_renew_off") : button("Renew it by itself", "auto_renew_on"))\
            \(domain.isLocked ? button("Unlock for a transfer", "unlock") : button("Lock", "lock"))\
            \(visit.button(
                domain.isToBeSigned ? "Stop signing (DNSSEC)" : "Sign its answers (DNSSEC)",
                Link("/domains/\(domain.id)/dnssec"),
                "\(Field.hidden("enabled", domain.isToBeSigned ? "no" : "yes"))\(visit.once(from: Form()))"))</div>\
            \(domain.isLocked ? .empty : transferCode(visit))\(published)</section>
            """
    }

    private func transferCode(_ visit: Visit) -> HTML {
        let button = visit.button("Show the transfer code", Link("/domains/\(domain.id)/transfer-code"))
        return "<p class=\"below\">\(button)</p>"
    }

    func end(_ visit: Visit, _ refusal: Refusal?) -> HTML {
        let fields: HTML = """
            \(visit.once(from: Form()))\(Field.line(
                "Type \(domain.name.text) to give it up", "typed", value: visit.form["typed"], refusal: refusal))\
            <button class="danger">Give it up</button>
            """
        return """
            <section class="card"><details\(flag: "open", if: refusal?.fields["typed"] != nil)>\
            <summary>Give this domain up</summary><p>Its records go at once. The registration runs on until it ends, \
            and is not paid back.</p>\(visit.form(Link("/domains/\(domain.id)/delete"), fields))</details></section>
            """
    }
}

/// The records of a name, each to be edited where it stands.
struct RecordTable {
    let domain: Domain
    let records: [DNSRecord]

    func html(_ visit: Visit, _ refusal: Refusal?) -> HTML {
        let rows = records.map { row($0, visit) }
        let edited = records.first { $0.id.text == visit.query["edit"] }
        let table: HTML =
            rows.isEmpty
            ? #"<p class="soft">None yet.</p>"#
            : """
            <table><thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Value</th>\
            <th scope="col">TTL</th><th scope="col"><span class="unseen">Change</span></th></tr></thead>\
            <tbody>\(rows)</tbody></table>
            """
        return """
            <section class="card"><h2>Records</h2>\(table)</section>
            <section class="card" id="record"><h2>\(edited == nil ? "Add a record" : "Change a record")</h2>\
            \(visit.form(Link("/domains/\(domain.id)/records"), fields(visit, edited, refusal)))</section>
            """
    }

    private func row(_ record: DNSRecord, _ visit: Visit) -> HTML {
        let edit = Link("/domains/\(domain.id)").with([("edit", record.id.text)])
        return """
            <tr><td data-label="Name" class="mono">\(record.name)</td><td data-label="Type">\(record.type.rawValue)</td>
            <td data-label="Value" class="mono">\(record.shown)\
            \(record.server == nil ? .empty : " <span class=\"tag\">follows its server</span>")</td>
            <td data-label="TTL">\(record.ttl)</td><td data-label="" class="number">\
            <a href="\(edit)">Edit<span class="unseen"> \(record.name) \(record.type.rawValue)</span></a> \
            \(visit.button(
                "Remove", Link("/domains/\(domain.id)/records/\(record.id)/remove"), class: "danger small",
                visit.once(from: Form())))</td></tr>
            """
    }

    private func fields(_ visit: Visit, _ edited: DNSRecord?, _ refusal: Refusal?) -> HTML {
        let typed = visit.form
        func value(_ name: String, _ stored: String?) -> String {
            typed.isChecked(name) ? typed[name] : stored ?? ""
        }
        let alike = records.filter { $0.name == edited?.name && $0.type == edited?.type }
        let chosen = value("type", edited?.type.rawValue)
        let types = RecordType.allCases.map { type -> HTML in
            #"<option\#(flag: "selected", if: type.rawValue == chosen)>\#(type.rawValue)</option>"#
        }
        let values = refusal?.fields.first { $0.key.hasPrefix("value") }
        let told = refusal.map { refusal in
            var fields = refusal.fields
            if let values { fields["value"] = values.value }
            return Refusal(refusal.code, refusal.sentence, fields: fields)
        }
        return """
            \(visit.once(from: Form()))\(Field.line(
                "Name", "name", value: value("name", edited?.name), hint: "Such as www, or @ for \(domain.name.text)",
                refusal: told))\
            <div class="field"><label for="type">Type</label><select id="type" name="type">\(types)</select>\
            \(told?.fields["type"].map { Field.error($0, of: "type") })</div>\
            \(Field.area(
                "Value", "value", value: value("value", alike.map(\.shown).joined(separator: "\n")),
                hint: "One a line; they take the place of all that this name has of this type", refusal: told))\
            \(Field.line(
                "TTL", "ttl", value: value("ttl", edited.map { "\($0.ttl)" } ?? "3600"), hint: "In seconds",
                required: false, refusal: told))<button class="button">Keep</button>
            """
    }
}
