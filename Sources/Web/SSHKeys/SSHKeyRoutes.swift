import Cloud
import Kernel
import Wire

struct SSHKeyRoutes: Sendable {
    let sshKeys: SSHKeys

    func list(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        .ok(Wire.DataAnswer(try await sshKeys.list(of: caller.account).map(Wire.SSHKey.init)))
    }

    func add(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        let body = try Wire.AddSSHKey(reading: await exchange.fields())
        let key = try await sshKeys.add(
            name: body.name, publicKey: body.publicKey, by: exchange.requester(caller))
        return .created(Wire.DataAnswer(Wire.SSHKey(key)))
    }

    func remove(_ exchange: Exchange, _ caller: Caller) async throws -> Answer {
        try await sshKeys.remove(exchange.id, by: exchange.requester(caller))
        return .ok(Wire.DataAnswer(Wire.Deleted(id: exchange.id)))
    }
}

extension Wire.SSHKey {
    init(_ key: SSHKey) {
        self.init(
            id: key.id.text, name: key.name, publicKey: key.publicKey, fingerprint: key.fingerprint,
            createdAt: Wire.Timestamp(key.createdAt))
    }
}
