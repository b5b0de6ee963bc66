import Kernel

package enum ServerKind: IdentifierKind {
    package static let prefix = "sv"
}

/// `sv_` and 16 hexadecimal digits. It is also the token by which engines know a machine.
package typealias ServerID = Identifier<ServerKind>
