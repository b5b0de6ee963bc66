/// What domains stand on: who sells names, who answers them, and under which names it does so.
package struct NameService: Sendable {
    package let zones: any Zones
    package let registrar: any Registrar
    /// What customers' names are delegated to.
    package let nameServers: [String]
    /// Asks them what they answer; nil where nobody can.
    package let authorities: (any Authorities)?
    package let offers: [TopLevelDomain]
    let names: DomainNames
    let records: RecordRules

    /// - Parameters:
    ///   - rules: what the world has agreed about names.
    ///   - offers: what names are sold below, in the order in which they are listed to customers.
    package init(
        zones: any Zones, registrar: any Registrar, rules: any NameRules,
        nameServers: [String] = ["ns1.caiport.test", "ns2.caiport.test"],
        authorities: (any Authorities)? = nil, offers: [TopLevelDomain] = TopLevelDomain.builtIn
    ) {
        self.zones = zones
        self.registrar = registrar
        self.nameServers = nameServers
        self.authorities = authorities
        self.offers = offers
        names = DomainNames(rules: rules, endings: offers.map(\.suffix))
        records = RecordRules(names: rules)
    }

    /// What a name ends in, of what is on offer.
    func offer(for name: DomainName) -> TopLevelDomain? {
        let ending = names.ending(of: name)
        return offers.first { $0.suffix == ending }
    }
}
