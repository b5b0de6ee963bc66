import Foundation
import Synchronization

/// The log file of an image's latest build. Keeps its last part at hand for an error.
package final class BuildLog: Sendable {
    private struct State {
        let file: FileHandle?
        var recent: [UInt8] = []
        var room = 8 << 20
    }

    private let state: Mutex<State>

    /// Empties the file at `path`, or makes it. A log that cannot be written is no reason to fail a build.
    package init(path: String) {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o640)
        state = Mutex(State(file: descriptor < 0 ? nil : FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)))
    }

    package func write(_ text: String) {
        let bytes = Array(text.utf8)
        state.withLock { state in
            state.recent = Array((state.recent + bytes).suffix(4096))
            guard bytes.count <= state.room else { return }
            state.room -= bytes.count
            try? state.file?.write(contentsOf: bytes)
        }
    }

    /// The last fifteen lines.
    package var tail: String {
        let recent = state.withLock { $0.recent }
        return String(decoding: recent, as: UTF8.self).split(separator: "\n").suffix(15).joined(separator: "\n")
    }
}
