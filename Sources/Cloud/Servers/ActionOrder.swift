import Kernel

/// What a customer asks of a server, as it was written.
package struct ActionOrder: Sendable {
    package let action: String?
    /// For a resize.
    package let plan: String?
    package let force: Bool

    package init(action: String?, plan: String?, force: Bool) {
        self.action = action
        self.plan = plan
        self.force = force
    }
}

extension Servers {
    /// Does what is ordered: see `act(_:on:by:once:)` of `ServerAction`.
    ///
    /// - Throws: what that throws; `Refusal.invalid` that names the field at fault.
    package func act(
        _ order: ActionOrder, on id: String, by requester: Requester, once: Once<Server> = .unrepeated
    ) async throws -> Server {
        let action = try await action(of: order, on: id, by: requester, once: once)
        return try await act(action, on: id, by: requester, once: once)
    }

    func action(
        of order: ActionOrder, on id: String, by requester: Requester, once: Once<Server>
    ) async throws -> ServerAction {
        do {
            return try ServerAction(order)
        } catch {
            // Whose server it is comes before what is wrong with the order.
            _ = try await show(id, of: requester.account)
            try once.requireSound()
            throw error
        }
    }
}

extension ServerAction {
    /// - Throws: `Refusal.invalid` for an action that is missing or unknown, and a resize without a plan.
    init(_ order: ActionOrder) throws {
        switch order.action {
        case "start": self = .start
        case "stop": self = .stop(force: order.force)
        case "reboot": self = .reboot(force: order.force)
        case "resize":
            guard let plan = order.plan else {
                throw Refusal(.invalid, "A resize needs the plan to resize to", fields: ["plan": "is required"])
            }
            self = .resize(to: plan)
        case nil:
            throw Refusal(
                .invalid, "Missing: action. It \(Self.rule)", fields: ["action": "is required; it \(Self.rule)"])
        case .some:
            throw Refusal(.invalid, "There is no such action: it \(Self.rule)", fields: ["action": Self.rule])
        }
    }

    private static let rule = "must be one of start, stop, reboot, resize"
}
