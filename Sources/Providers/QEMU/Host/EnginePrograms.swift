import Cloud

/// Runs a program that must succeed.
///
/// - Parameter folder: its working directory.
/// - Throws: `MachineError` with the program's complaint; `noCapacity` when it says that the disk is full.
@discardableResult
func runEngineProgram(
    _ arguments: [String], in folder: String? = nil, input: String? = nil, limit: Duration = .seconds(60)
) async throws(MachineError) -> String {
    let result: ProgramResult
    do {
        result = try await runProgram(
            arguments[0], Array(arguments.dropFirst()), input: input, directory: folder, limit: limit)
    } catch {
        let kind: MachineError.Kind = if case .cancelled = error { .unknownOutcome } else { .broken }
        throw MachineError(kind, error.description)
    }
    guard result.succeeded else {
        let full = result.errorOutput.contains("No space left on device")
        throw MachineError(full ? .noCapacity : .broken, "\(arguments[0]): \(result.complaint)")
    }
    return result.output
}
