#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The moment as a `Date` header writes it, for the few answers the server underneath does not date.
enum HTTPDate {
    static var now: String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        // The C locale, which a process has unless it asks for another, is the English of RFC 9110.
        return String(unsafeUninitializedCapacity: 40) { bytes in
            bytes.withMemoryRebound(to: CChar.self) { room in
                strftime(room.baseAddress, room.count, "%a, %d %b %Y %H:%M:%S GMT", &parts)
            }
        }
    }
}
