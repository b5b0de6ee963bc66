import Kernel

package enum AccountKind: IdentifierKind {
    package static let prefix = "ac"
}

/// `ac_` and 16 hexadecimal digits.
package typealias AccountID = Identifier<AccountKind>
