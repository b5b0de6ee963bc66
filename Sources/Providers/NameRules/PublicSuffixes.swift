import CPSL
import Synchronization

/// The Public Suffix List, both its sections: endings of registries, such as `com.au`, and of companies that give
/// away names below their own, such as `blogspot.com`.
final class PublicSuffixes: Sendable {
    private let list: Mutex<LoadedList>

    /// The list of Debian's package, or the one built into libpsl when that is newer.
    init() throws(PublicSuffixesMissing) {
        guard let handle = psl_latest(nil) else { throw PublicSuffixesMissing() }
        list = Mutex(LoadedList(handle: handle))
    }

    /// - Parameter name: in lower case, without a dot at its end.
    /// - Returns: nil when the list does not have its top-level domain.
    func suffix(of name: String) -> String? {
        list.withLock { list in
            guard let suffix = list.ending(of: name) else { return nil }
            let top = suffix.split(separator: ".").last.map(String.init) ?? suffix
            return list.has(top) || list.has("any.\(top)") ? suffix : nil
        }
    }

    private struct LoadedList: ~Copyable {
        let handle: OpaquePointer

        /// Whether a line of the list says so; the rule for what it does not have, `*`, does not count.
        func has(_ suffix: String) -> Bool {
            psl_is_public_suffix2(handle, suffix, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) == 1
        }

        /// By the longest line that applies, or `*`.
        func ending(of name: String) -> String? {
            // What is answered points into what was asked.
            name.withCString { name in psl_unregistrable_domain(handle, name).map { String(cString: $0) } }
        }

        deinit { psl_free(handle) }
    }
}

/// The Public Suffix List is neither where Debian's package `publicsuffix` has it nor in the library.
package struct PublicSuffixesMissing: Error, CustomStringConvertible {
    package var description: String {
        "The Public Suffix List cannot be read: install the Debian package publicsuffix"
    }
}
