import Cloud
import Foundation
import Kernel

/// Prints documents and keeps them as `{name}.pdf`, whole or not there, so that each is printed once.
package struct DocumentStore: Printer {
    private let directory: String
    private let printer: WeasyPrint
    private let places = PrintingPlaces(atOnce: 2, waiting: 8)

    /// - Parameter directory: made when the first document is printed, for its owner alone.
    package init(directory: String, printer: WeasyPrint = WeasyPrint()) {
        self.directory = directory
        self.printer = printer
    }

    package func print(_ page: HTMLPage, as name: String) async throws -> [UInt8] {
        let path = "\(directory)/\(name).pdf"
        if let kept = contents(of: path) { return kept }
        try await places.enter()
        do {
            let bytes = try await printAnew(page, to: path)
            await places.leave()
            return bytes
        } catch {
            await places.leave()
            throw error
        }
    }

    private func printAnew(_ page: HTMLPage, to path: String) async throws -> [UInt8] {
        // Somebody who asked for the same at the same time may have printed it meanwhile.
        if let kept = contents(of: path) { return kept }
        do {
            try makeDirectory(directory)
        } catch {
            throw PrinterFailure(.failed, "\(error)")
        }
        let aside = "\(directory)/.\(UUID().uuidString)"
        defer { unlink(aside) }
        try await printer.print(page, to: aside)
        do {
            guard let bytes = contents(of: aside), bytes.starts(with: Array("%PDF-".utf8)) else {
                throw PrinterFailure(.failed, "what was printed is no PDF")
            }
            try writeFile(bytes, to: path, scratch: directory)
            return bytes
        } catch let error as HostError {
            throw PrinterFailure(.failed, "\(error)")
        }
    }

    private func contents(of path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { Array($0) }
    }
}

/// So many print at a time, so many wait, and the others are told.
private actor PrintingPlaces {
    private var free: Int
    private let mostWaiting: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(atOnce: Int, waiting: Int) {
        free = atOnce
        mostWaiting = waiting
    }

    func enter() async throws(PrinterFailure) {
        if free > 0 {
            free -= 1
            return
        }
        guard waiting.count < mostWaiting else {
            throw PrinterFailure(.crowded, "\(mostWaiting) documents wait to be printed")
        }
        await withCheckedContinuation { waiting.append($0) }
    }

    func leave() {
        if waiting.isEmpty { free += 1 } else { waiting.removeFirst().resume() }
    }
}
