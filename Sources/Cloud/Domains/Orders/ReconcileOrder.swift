import Kernel
import Logging

/// What is known of an order whose time is over.
enum ReconciledOrder {
    /// It never arrived, or was refused: nothing was paid.
    case nothing
    /// It was done, or may yet be.
    case stands
}

extension DomainWorld {
    /// Asks the registrar for an order that has taken too long. Only its own word is one on which money is given back.
    ///
    /// - Throws: `RegistrarError.unavailable`.
    func reconcile(_ order: PlacedOrder) async throws -> ReconciledOrder {
        switch try await service().registrar.standing(of: order.id.text) {
        case nil, .refused: .nothing
        case .pending, .done: .stands
        }
    }
}
