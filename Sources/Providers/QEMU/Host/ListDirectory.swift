import Foundation

/// The names in a directory; nil when there is no such directory.
/// - Throws: `HostError`, also when only a part of them could be read.
func listDirectory(_ path: String) throws(HostError) -> [String]? {
    guard let stream = opendir(path) else {
        if errno == ENOENT { return nil }
        throw HostError("open \(path)")
    }
    defer { closedir(stream) }
    var names: [String] = []
    while true {
        // The end and a failure look alike but for this.
        errno = 0
        guard let entry = readdir(stream) else {
            guard errno == 0 else { throw HostError("read \(path)") }
            return names
        }
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        if name != ".", name != ".." { names.append(name) }
    }
}

/// Whether anything has this name, be it a link that leads nowhere.
/// - Throws: `HostError` when that cannot be told.
func somethingExists(at path: String) throws(HostError) -> Bool {
    var attributes = stat()
    if lstat(path, &attributes) == 0 { return true }
    guard errno == ENOENT else { throw HostError("stat \(path)") }
    return false
}
