import NIOCore

/// Keeps newcomers out of a listening socket before it closes.
///
/// Between the last accept and the close, a client may connect and send its request, and would find the
/// connection broken off. So the socket first ignores every SYN, by a classic BPF filter (socket(7),
/// `SO_ATTACH_FILTER`): whoever comes now tries again and is refused once the socket is closed, as before a
/// service that is not there.
enum ClosedDoor {
    /// Returns when nobody new comes in. Where there are no such filters, it does nothing.
    static func shut(_ listener: any Channel) async {
        #if os(Linux)
            guard let socket = listener as? any SocketOptionProvider else { return }
            let instructions = UnsafeMutableBufferPointer<Instruction>.allocate(capacity: dropSYN.count)
            _ = instructions.initialize(from: dropSYN)
            let program = Program(
                count: UInt16(dropSYN.count), instructions: UInt(bitPattern: instructions.baseAddress))
            let isAttached = socket.unsafeSetSocketOption(
                level: NIOBSDSocket.OptionLevel.socket, name: NIOBSDSocket.Option(rawValue: attachFilter),
                value: program)
            // Refused by a kernel without filters, or for a socket that is no TCP: then the door stays open.
            try? await isAttached.get()
            instructions.deallocate()
        #endif
    }

    #if os(Linux)
        /// `SO_ATTACH_FILTER`, whose header is not in Glibc's module.
        private static let attachFilter: CInt = 26

        /// `struct sock_filter` of linux/filter.h.
        private struct Instruction {
            let code: UInt16
            var ifTrue: UInt8 = 0
            var ifFalse: UInt8 = 0
            let operand: UInt32
        }

        /// `struct sock_fprog` of linux/filter.h; the address as a number, because it crosses to the event loop.
        private struct Program {
            let count: UInt16
            let instructions: UInt
        }

        /// A socket's filter sees packets from the TCP header on; its flags are in the byte at 13.
        private static let dropSYN = [
            Instruction(code: loadByte, operand: 13),
            Instruction(code: and, operand: synFlag | ackFlag),
            Instruction(code: jumpIfEqual, ifTrue: 0, ifFalse: 1, operand: synFlag),
            Instruction(code: answer, operand: 0),
            Instruction(code: answer, operand: .max),
        ]

        private static let loadByte: UInt16 = 0x30
        private static let and: UInt16 = 0x54
        private static let jumpIfEqual: UInt16 = 0x15
        private static let answer: UInt16 = 0x06
        private static let synFlag: UInt32 = 0x02
        private static let ackFlag: UInt32 = 0x10
    #endif
}
