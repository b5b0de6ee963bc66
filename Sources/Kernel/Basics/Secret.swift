/// A value that must never reach a log, an error or a dump: it prints as `***` however it is printed.
package struct Secret<Value: Sendable>: Sendable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// The value itself; the name makes each use stand out in review.
    package let exposed: Value

    package init(_ value: Value) {
        exposed = value
    }

    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: [:]) }
}
