import Cloud
import Kernel
import Wire

struct SSHKeyRoutes: Sendable {
    let sshKeys: SSHKeys
    let repeatable: Repeatable

    func list(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        .ok(Wire.DataAnswer(try await sshKeys.list(of: caller.account).map(Wire.SSHKey.init)))
    }

    func add(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await repeatable.answer(exchange, caller, with: Self.created) { body, once in
            let body = try Wire.AddSSHKey(reading: RequestFields(parsing: body))
            return try await sshKeys.add(
                name: body.name, publicKey: body.publicKey, by: exchange.requester(caller), once: once)
        }
    }

    func remove(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await repeatable.answer(exchange, caller, with: Self.deleted) { _, once in
            try await sshKeys.remove(exchange.id, by: exchange.requester(caller), once: once)
        }
    }

    @Sendable private static func created(_ key: SSHKey) -> Answer {
        .created(Wire.DataAnswer(Wire.SSHKey(key)))
    }

    @Sendable private static func deleted(_ id: SSHKeyID) -> Answer {
        .ok(Wire.DataAnswer(Wire.Deleted(id: id.text)))
    }
}

extension Wire.SSHKey {
    init(_ key: SSHKey) {
        self.init(
            id: key.id.text, name: key.name, publicKey: key.publicKey, fingerprint: key.fingerprint,
            createdAt: Wire.Timestamp(key.createdAt))
    }
}
