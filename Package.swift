// swift-tools-version:6.2
import PackageDescription

// What each target may import is the architecture: see ARCHITECTURE.md. The build refuses any
// import that is not declared here (--explicit-target-dependency-import-check error).

let strict: [SwiftSetting] = [
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let cryptoExtras = Target.Dependency.product(name: "CryptoExtras", package: "swift-crypto")
let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS = Target.Dependency.product(name: "NIOTLS", package: "swift-nio")
let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let nioSSL = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let hummingbirdTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let hummingbirdHTTP2 = Target.Dependency.product(name: "HummingbirdHTTP2", package: "hummingbird")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let asyncHTTPClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let subprocess = Target.Dependency.product(name: "Subprocess", package: "swift-subprocess")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let systemPackage = Target.Dependency.product(name: "SystemPackage", package: "swift-system")

let package = Package(
    name: "caiport",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "caiportd", targets: ["caiportd"])
    ],
    dependencies: [
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "CPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CIDN2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
        .systemLibrary(name: "CPSL", pkgConfig: "libpsl", providers: [.apt(["libpsl-dev"])]),

        .target(name: "Kernel", dependencies: [logging, metrics, crypto], swiftSettings: strict),
        .target(
            name: "Cloud", dependencies: ["Kernel", logging, metrics, crypto, cryptoExtras],
            resources: [
                .embedInCode("Schema/schema-0001-core.sql"),
                .embedInCode("Schema/schema-0002-append-only-sqlite.sql"),
                .embedInCode("Schema/schema-0002-append-only-postgres.sql"),
                .embedInCode("Schema/schema-0003-operations.sql"),
                .embedInCode("Schema/schema-0004-installation.sql"),
                .embedInCode("Schema/schema-0005-money.sql"),
                .embedInCode("Schema/schema-0006-books-append-only-sqlite.sql"),
                .embedInCode("Schema/schema-0006-books-append-only-postgres.sql"),
                .embedInCode("Schema/schema-0007-processor.sql"),
                .embedInCode("Schema/schema-0008-domains.sql"),
                .embedInCode("Schema/schema-0009-changes-append-only-sqlite.sql"),
                .embedInCode("Schema/schema-0009-changes-append-only-postgres.sql"),
                .embedInCode("Schema/schema-0010-people.sql"),
                .embedInCode("Schema/schema-0011-operators.sql"),
            ], swiftSettings: strict),
        .target(name: "Wire", swiftSettings: strict),
        .target(
            name: "Web",
            dependencies: [
                "Cloud", "Wire", "Kernel", hummingbird, hummingbirdCore, hummingbirdTLS, hummingbirdHTTP2, httpTypes,
                nioCore, nioPosix, nioHTTP1, nioHTTPTypes, nioTLS, nioSSL, logging, metrics, lifecycle, yams,
            ],
            resources: [
                .embedInCode("OpenAPI/openapi.yaml"),
                .embedInCode("Pages/Assets/caiport.css"),
                .embedInCode("Pages/Assets/servers.css"),
                .embedInCode("Pages/Assets/domains.css"),
                .embedInCode("Pages/Assets/billing.css"),
                .embedInCode("Pages/Assets/audit.css"),
                .embedInCode("Pages/Assets/documentation.css"),
                .embedInCode("Pages/Assets/operators.css"),
                .embedInCode("Pages/Assets/caiport.js"),
                .embedInCode("Pages/Assets/servers.js"),
                .embedInCode("Pages/Assets/caiport.svg"),
            ],
            swiftSettings: strict),
        .target(
            name: "Providers",
            dependencies: [
                "Cloud", "Kernel", "CIDN2", "CPSL", asyncHTTPClient, nioCore, nioPosix, nioHTTP1, crypto, subprocess,
                systemPackage, logging, metrics,
            ],
            swiftSettings: strict),
        .target(
            name: "Databases", dependencies: ["Kernel", "CSQLite", "CPQ", nioPosix, nioCore, logging],
            swiftSettings: strict),
        .executableTarget(
            name: "caiportd",
            dependencies: [
                "Kernel", "Cloud", "Wire", "Web", "Providers", "Databases", asyncHTTPClient, argumentParser,
                lifecycle, unixSignals, logging, metrics, nioCore, nioPosix, nioHTTP1,
            ],
            swiftSettings: strict),

        .target(
            name: "Fakes",
            dependencies: [
                "Cloud", "Kernel", "Databases", "Providers", logging, crypto, nioCore, nioPosix, nioHTTP1,
            ],
            swiftSettings: strict),
        // The deterministic simulation: a program of its own, because it owns every task of its process.
        .executableTarget(
            name: "simulate", dependencies: ["Cloud", "Kernel", "Databases", "Providers", "Fakes", "CSQLite", logging],
            path: "Tests/Simulate", swiftSettings: strict),
        .testTarget(
            name: "SimulationTests", dependencies: ["Kernel", "Fakes", "simulate"], swiftSettings: strict),
        .testTarget(name: "KernelTests", dependencies: ["Kernel", "Fakes", logging], swiftSettings: strict),
        .testTarget(
            name: "DatabasesTests", dependencies: ["Databases", "Kernel", "Fakes", logging], swiftSettings: strict),
        .testTarget(
            name: "CloudTests", dependencies: ["Cloud", "Kernel", "Fakes", "Providers", "Databases"],
            swiftSettings: strict),
        .testTarget(
            name: "ProvidersTests",
            dependencies: ["Providers", "Cloud", "Kernel", "Fakes", subprocess, crypto, logging],
            swiftSettings: strict),
        .testTarget(
            name: "WebTests",
            dependencies: [
                "Web", "Wire", "Cloud", "Kernel", "Fakes", "Providers", asyncHTTPClient, nioCore, nioPosix, nioHTTP1,
                nioSSL, httpTypes, logging, metrics, lifecycle,
            ],
            swiftSettings: strict),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Kernel", "Wire", "Cloud", "Databases", "Fakes", "Providers", logging, asyncHTTPClient, nioCore,
                nioHTTP1, "caiportd",
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
