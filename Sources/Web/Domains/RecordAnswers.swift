import Cloud
import Kernel
import Wire

extension RecordOrder {
    init(_ request: Wire.RecordRequest) {
        self.init(
            name: request.name, type: request.type, value: request.value, values: request.values,
            ttl: request.ttl.map(Int.init(clamping:)), priority: request.priority.map(Int.init(clamping:)))
    }
}

extension Wire.DNSRecord {
    init(_ record: DNSRecord) {
        self.init(
            id: record.id.text, name: record.name, type: record.type.rawValue, value: record.shown, ttl: record.ttl,
            serverID: record.server?.text)
    }
}

extension Wire.RecordSet {
    init(_ set: RecordSet) {
        self.init(name: set.name, type: set.type.rawValue, ttl: set.ttl, values: set.shown)
    }
}

extension Wire.ZoneDifference {
    init(_ difference: ZoneDifference) {
        self.init(
            added: difference.added.map(Wire.RecordSet.init), removed: difference.removed.map(Wire.RecordSet.init),
            changed: difference.changed.map {
                Change(before: Wire.RecordSet($0.before), after: Wire.RecordSet($0.after))
            })
    }
}

extension Wire.ZoneChange {
    init(_ change: ZoneChange) {
        self.init(
            version: change.version.number, at: Wire.Timestamp(change.at), actor: change.actor, keyID: change.key,
            act: change.act.rawValue, difference: Wire.ZoneDifference(change.difference))
    }
}

extension Wire.ZoneCheck {
    init(_ check: ZoneCheck) {
        self.init(
            version: check.version.number, inStep: check.isInStep,
            servers: check.servers.map {
                Server(
                    server: $0.answer.server, serial: $0.answer.serial.map(Int64.init), inStep: $0.isInStep,
                    problem: $0.answer.problem)
            })
    }
}
