package restorejobs

// Variant is a product that has restore jobs.
//
// API: the base path of each product's documents.
type Variant string

// The variants.
const (
	// VariantCloudManager is Cloud Manager.
	VariantCloudManager Variant = "CloudManager"
	// VariantOpsManager is an Ops Manager.
	VariantOpsManager Variant = "OpsManager"
	// VariantMMS is the MMS of 2014, and Ops Manager 1.5.
	VariantMMS Variant = "MMS"
	// VariantAtlasV1 is Atlas v1.
	VariantAtlasV1 Variant = "AtlasV1"
	// VariantAtlasV2 is Atlas v2.
	VariantAtlasV2 Variant = "AtlasV2"
)

// The paths before the project.
const (
	publicAPIPath = "/api/public/v1.0/groups/"
	atlasV1Path   = "/api/atlas/v1.0/groups/"
	atlasV2Path   = "/api/atlas/v2/groups/"
)
