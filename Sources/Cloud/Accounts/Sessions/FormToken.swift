import Crypto
import Kernel

/// What a form proves by a hidden field: that it came from a page we gave this browser.
package enum FormToken {
    /// - Parameter secret: the browser's cookie, which other sites cannot read.
    package static func of(_ secret: AccessToken) -> String {
        code(of: secret).hex
    }

    /// Compared in constant time.
    package static func matches(_ token: String, _ secret: AccessToken) -> Bool {
        SymmetricKey(data: Array(token.utf8)) == SymmetricKey(data: Array(of(secret).utf8))
    }

    private static func code(of secret: AccessToken) -> HMAC<SHA256>.MAC {
        HMAC<SHA256>.authenticationCode(
            for: Array("form".utf8), using: SymmetricKey(data: Array(secret.text.exposed.utf8)))
    }
}
