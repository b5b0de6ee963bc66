/// The engines of this installation, by name.
package struct Engines: Sendable {
    private let byName: [String: any Machines]

    package init(_ engines: [any Machines]) {
        byName = Dictionary(engines.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    }

    package subscript(name: String) -> (any Machines)? { byName[name] }

    /// In the order of their names.
    var all: [any Machines] { byName.values.sorted { $0.name < $1.name } }

    /// - Throws: `MachineError.broken` when the installation has no such engine any more.
    func engine(of server: Server) throws -> any Machines {
        guard let engine = byName[server.engine] else {
            throw MachineError(.broken, "this installation has no engine \(server.engine)")
        }
        return engine
    }
}
