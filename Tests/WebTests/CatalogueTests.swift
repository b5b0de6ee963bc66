import Cloud
import Fakes
import Testing

@Suite struct CatalogueTests {
    @Test func plansAreTheDocuments() async throws {
        try await withLiveService { service in
            let reply = try await service.get("/v1/plans")
            #expect(reply.status == 200)
            let expected = [
                ("nano", "Nano", "general", 1, "512 MB", 10, "500 GB", 700, false),
                ("starter", "Starter", "general", 1, "2 GB", 40, "2 TB", 1900, false),
                ("standard", "Standard", "general", 2, "4 GB", 80, "3 TB", 3900, true),
                ("pro", "Pro", "general", 4, "8 GB", 160, "4 TB", 7900, false),
                ("business", "Business", "general", 8, "16 GB", 320, "5 TB", 15900, false),
                ("compute-4", "Compute 4", "compute", 4, "8 GB", 100, "4 TB", 9900, false),
                ("memory-16", "Memory 16", "memory", 2, "16 GB", 100, "4 TB", 10900, false),
            ].map { plan in
                #"{"id":"\#(plan.0)","name":"\#(plan.1)","class":"\#(plan.2)","vcpu":\#(plan.3),"ram":"\#(plan.4)","#
                    + #""storage_gb":\#(plan.5),"bandwidth":"\#(plan.6)","price_cents":\#(plan.7),"popular":\#(plan.8)}"#
            }
            #expect(reply.body == #"{"data":["# + expected.joined(separator: ",") + "]}")
            // The document's own entry, character for character once its line breaks are gone.
            #expect(
                reply.body.contains(
                    #"{"id":"standard","name":"Standard","class":"general","vcpu":2,"ram":"4 GB","storage_gb":80,"#
                        + #""bandwidth":"3 TB","price_cents":3900,"popular":true}"#))
        }
    }

    @Test func regionsAreTheDocumentsAndSayWhereTheyReallyAre() async throws {
        try await withLiveService { service in
            let reply = try await service.get("/v1/regions")
            #expect(reply.status == 200)
            let expected = [
                ("ap-southeast-2", "Sydney", "🇦🇺"), ("us-east-1", "N. Virginia", "🇺🇸"), ("eu-west-1", "Ireland", "🇪🇺"),
                ("ap-southeast-1", "Singapore", "🇸🇬"),
            ].map { region in
                #"{"id":"\#(region.0)","name":"\#(region.1)","flag":"\#(region.2)","engine":"simulated","#
                    + #""simulated_location":true}"#
            }
            #expect(reply.body == #"{"data":["# + expected.joined(separator: ",") + "]}")
        }
    }

    @Test func imagesAreTheDocumentsAndFollowTheEngine() async throws {
        try await withLiveService { service in
            func expected(_ rocky: String) -> String {
                let images = [
                    ("ubuntu-22", "Ubuntu 22.04 LTS", "ubuntu"), ("ubuntu-24", "Ubuntu 24.04 LTS", "ubuntu"),
                    ("debian-12", "Debian 12", "debian"), ("amazon-2023", "Amazon Linux 2023", "ec2-user"),
                    ("rocky-9", "Rocky Linux 9", "rocky"), ("ubuntu-docker", "Ubuntu + Docker", "ubuntu"),
                ].map { image in
                    #"{"id":"\#(image.0)","name":"\#(image.1)","ssh_user":"\#(image.2)","#
                        + (image.0 == "rocky-9" ? rocky : #""available":true}"#)
                }
                return #"{"data":["# + images.joined(separator: ",") + "]}"
            }
            let reply = try await service.get("/v1/images")
            #expect(reply.status == 200)
            #expect(reply.body == expected(#""available":true}"#))
            service.test.machines.setUnavailable("rocky-9", because: "No mirror answers")
            let later = try await service.get("/v1/images")
            #expect(later.body == expected(#""available":false,"reason":"No mirror answers"}"#))
        }
    }

    @Test func aKeyIsNeitherNeededNorLookedAt() async throws {
        try await withLiveService { service in
            for path in ["/v1/plans", "/v1/regions", "/v1/images"] {
                let reply = try await service.get(path, headers: [("Authorization", "Bearer \(unknownKey)")])
                #expect(reply.status == 200)
                #expect(reply.header("RateLimit-Limit") == "1200")
            }
        }
    }
}
