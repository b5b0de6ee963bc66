import Foundation

/// The folder with everything of one installation; nobody but its owner may enter.
struct DataDirectory: Sendable {
    /// Absolute, so that what is printed can be pasted in another folder.
    let path: String

    var database: String { "\(path)/caiport.db" }
    var lock: String { "\(path)/lock" }
    var installation: String { "\(path)/installation.json" }
    /// Where the daemon listens, while it does.
    var listen: String { "\(path)/listen" }
    var demo: String { "\(path)/demo" }
    /// Letters to customers, where no mail system takes them.
    var outbox: String { "\(path)/outbox" }
    /// Invoices that were printed.
    var invoices: String { "\(path)/invoices" }
    /// What the name server keeps.
    var dns: String { "\(path)/dns" }
    var machines: String { "\(path)/machines" }

    /// Whether a machine's directory is here; what is left of destroyed ones, `sv_….gone`, is none.
    var holdsMachines: Bool {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: machines)) ?? []
        return names.contains { $0.hasPrefix("sv_") && !$0.contains(".") }
    }

    /// Whether nothing says whose this is: it was never served, or the file was lost.
    var lacksRecord: Bool { access(installation, F_OK) != 0 }

    init(_ path: String) {
        let absolute = path.hasPrefix("/") ? path : "\(FileManager.default.currentDirectoryPath)/\(path)"
        self.path = URL(fileURLWithPath: absolute).standardizedFileURL.path
    }

    /// Makes the folder if there is none, and closes it to others.
    /// - Throws: `Complaint` when that cannot be done, for a folder of another user, and for one that is open to
    ///   others and holds somebody else's things: closing `/` because of a slip of the keyboard would end the host.
    func make() throws(Complaint) {
        if !exists {
            try makeFolders()
        }
        // Its owner could open it again, and put other files in the place of ours.
        try requireOwnership()
        if try isOpenToOthers {
            guard isEmpty || isOurs else {
                throw Complaint(
                    "\(path) is open to other users and holds other things; choose another directory, or make it "
                        + "yours alone with chmod 700")
            }
            guard chmod(path, 0o700) == 0 else { throw Complaint("Cannot close \(path) to other users", errno: errno) }
        }
        try requireAccess()
    }

    /// - Throws: `Complaint` unless the folder is there, is ours, can be entered and be written to.
    func require() throws(Complaint) {
        guard exists else {
            throw Complaint(
                "\(path) does not exist: run `caiportd serve --data-dir \(path)` once, or make the directory")
        }
        try requireOwnership()
        try requireAccess()
    }

    /// Whether the SQLite file is there.
    /// - Throws: `Complaint` when it is another user's: files that SQLite makes beside it would be ours, and the
    ///   daemon could not write them.
    var holdsDatabase: Bool {
        get throws(Complaint) {
            var attributes = stat()
            guard stat(database, &attributes) == 0 else { return false }
            guard attributes.st_uid == geteuid() else {
                throw Complaint("\(database) belongs to another user: run this as user \(attributes.st_uid)")
            }
            return true
        }
    }

    private func requireOwnership() throws(Complaint) {
        var attributes = stat()
        guard stat(path, &attributes) == 0 else { throw Complaint("Cannot use \(path)", errno: errno) }
        guard attributes.st_uid == geteuid() else {
            throw Complaint(
                "\(path) belongs to another user: run this as user \(attributes.st_uid), or choose another directory")
        }
    }

    private var exists: Bool {
        var attributes = stat()
        return stat(path, &attributes) == 0
    }

    private func requireAccess() throws(Complaint) {
        var attributes = stat()
        guard stat(path, &attributes) == 0 else { throw Complaint("Cannot use \(path)", errno: errno) }
        guard attributes.st_mode & S_IFMT == S_IFDIR else { throw Complaint("\(path) is not a directory") }
        guard access(path, R_OK | W_OK | X_OK) == 0 else { throw Complaint("Cannot use \(path)", errno: errno) }
    }

    private func makeFolders() throws(Complaint) {
        do {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            let reason = ((error as NSError).userInfo[NSUnderlyingErrorKey] as? NSError)?.code
            throw Complaint("Cannot make \(path)", errno: reason.map(Int32.init) ?? EIO)
        }
    }

    private var isOpenToOthers: Bool {
        get throws(Complaint) {
            var attributes = stat()
            guard stat(path, &attributes) == 0 else { throw Complaint("Cannot use \(path)", errno: errno) }
            return attributes.st_mode & S_IFMT == S_IFDIR && attributes.st_mode & 0o077 != 0
        }
    }

    private var isEmpty: Bool {
        (try? FileManager.default.contentsOfDirectory(atPath: path).filter { $0 != "lost+found" }.isEmpty) ?? false
    }

    /// A folder that was served from, or that holds plain files only, such as a log beside the data.
    private var isOurs: Bool {
        if access(installation, F_OK) == 0 { return true }
        var attributes = stat()
        guard stat(path, &attributes) == 0, attributes.st_uid == geteuid(), attributes.st_mode & S_ISVTX == 0,
            let names = try? FileManager.default.contentsOfDirectory(atPath: path)
        else { return false }
        return names.allSatisfy { name in
            var entry = stat()
            return lstat("\(path)/\(name)", &entry) == 0 && entry.st_mode & S_IFMT == S_IFREG
        }
    }
}

/// Writes a small file that only its owner can read, whole or not at all.
/// - Throws: `Complaint`.
func writePrivateFile(_ path: String, _ text: String) throws(Complaint) {
    let scratch = "\(path).new"
    unlink(scratch)
    let descriptor = open(scratch, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Complaint("Cannot write \(path)", errno: errno) }
    defer { close(descriptor) }
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
        let count = bytes.withUnsafeBytes {
            write(descriptor, $0.baseAddress?.advanced(by: written), $0.count - written)
        }
        guard count > 0 else { throw Complaint("Cannot write \(path)", errno: errno) }
        written += count
    }
    guard fsync(descriptor) == 0, rename(scratch, path) == 0 else {
        throw Complaint("Cannot write \(path)", errno: errno)
    }
}
