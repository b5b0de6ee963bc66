import Cloud
import Foundation
import Kernel

/// Prints documents and keeps them as `{name}.pdf`, whole or not there, so that each is printed once.
package struct DocumentStore: Printer {
    private let directory: String
    private let printer: any Printer
    private let queue: PrintingQueue

    /// - Parameters:
    ///   - directory: made when the first document is printed, for its owner alone. No other process may keep documents
    ///     in it: what a process left there half written is removed now.
    ///   - printer: who prints what is not there yet.
    package init(directory: String, printer: any Printer = WeasyPrint(), time: any Timekeeper = SystemTime()) {
        self.directory = directory
        self.printer = printer
        queue = PrintingQueue(time: time)
        let names = (try? listDirectory(directory)) ?? []
        for name in names where name.hasPrefix(".") { unlink("\(directory)/\(name)") }
    }

    package func print(_ page: HTMLPage, as name: String, for account: AccountID) async throws -> [UInt8] {
        if let kept = contents(of: path(of: name)) { return kept }
        return try await queue.bytes(of: name, for: account) { () throws(PrinterFailure) in
            try await printAnew(page, as: name, for: account)
        }
    }

    package func size(ofPrinted name: String) async throws -> Int? {
        var attributes = stat()
        if stat(path(of: name), &attributes) == 0 { return Int(attributes.st_size) }
        try await queue.requireHope(for: name)
        return nil
    }

    private func path(of name: String) -> String { "\(directory)/\(name).pdf" }

    private func printAnew(
        _ page: HTMLPage, as name: String, for account: AccountID
    ) async throws(PrinterFailure) -> [UInt8] {
        // Somebody who asked for the same a moment before may have printed it meanwhile.
        if let kept = contents(of: path(of: name)) { return kept }
        do {
            let bytes = try await printer.print(page, as: name, for: account)
            try makeDirectory(directory)
            try writeFile(bytes, to: path(of: name), scratch: directory)
            return bytes
        } catch let failure as PrinterFailure {
            throw failure
        } catch {
            throw PrinterFailure(.failed, "\(error)")
        }
    }

    private func contents(of path: String) -> [UInt8]? {
        FileManager.default.contents(atPath: path).map { Array($0) }
    }
}
