/// What can be asked of a server besides being made and destroyed.
package enum ServerAction: Hashable, Sendable {
    case start
    /// - force: at once, by the plug; else the guest is asked and given half a minute.
    case stop(force: Bool)
    case reboot(force: Bool)
    /// - to: a plan's id as the customer wrote it.
    case resize(to: String)
}
