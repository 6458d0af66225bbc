package restorejobs

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

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

// scope is one row of the table: everything that tells a kind of restore jobs from
// the others. Adding a variant is adding a row, and a method that hands it out.
type scope struct {
	variant Variant
	name    string // as in the method that hands it out
	ref     string // before the project and before the cluster in a Ref, such as "opsmanager/groups" and "clusters"
	refPart string

	before string // path before the project
	middle string // path between project and cluster
	after  string // path after the cluster
	dated  string // version of Atlas v2's media type, "" elsewhere

	parent      string // what the second id names, in errors
	generation  generation
	body        bodyWriter // how create is spoken
	batch       bool       // lists take a batch
	cancel      bool
	timeRanges  bool
	smallPages  bool // old servers refuse more than 100 jobs a page
	projectless bool // a target needs no project
}

const (
	publicV1 = "/api/public/v1.0/groups/"
	atlasV1  = "/api/atlas/v1.0/groups/"
	atlasV2  = "/api/atlas/v2/groups/"

	dated2023 = "2023-01-01"
	dated2024 = "2024-11-13"
	// latestAtlas is the newest version that this library knows: the service answers with
	// the newest that an operation has and that is not later.
	latestAtlas = "2025-03-12"
)

var (
	cloudManagerCluster = &scope{
		variant: VariantCloudManager, name: "Cluster", ref: "cloudmanager/groups", refPart: "clusters",
		before: publicV1, middle: "/clusters/", after: "/restoreJobs", parent: "cluster id",
		generation: classic, body: managerBody, batch: true, timeRanges: true, smallPages: true,
	}
	cloudManagerHost = &scope{
		variant: VariantCloudManager, name: "Host", ref: "cloudmanager/groups", refPart: "hosts",
		before: publicV1, middle: "/hosts/", after: "/restoreJobs", parent: "host id",
		generation: classic, body: managerBody, smallPages: true,
	}
	opsManagerCluster = &scope{
		variant: VariantOpsManager, name: "Cluster", ref: "opsmanager/groups", refPart: "clusters",
		before: publicV1, middle: "/clusters/", after: "/restoreJobs", parent: "cluster id",
		generation: classic, body: managerBody, batch: true, timeRanges: true, smallPages: true,
	}
	opsManagerHost = &scope{
		variant: VariantOpsManager, name: "Host", ref: "opsmanager/groups", refPart: "hosts",
		before: publicV1, middle: "/hosts/", after: "/restoreJobs", parent: "host id",
		generation: classic, body: managerBody, smallPages: true,
	}
	mmsCluster = &scope{
		variant: VariantMMS, name: "Cluster", ref: "mms/groups", refPart: "clusters",
		before: publicV1, middle: "/clusters/", after: "/restoreJobs", parent: "cluster id",
		generation: classic, body: mmsBody, batch: true, smallPages: true,
	}
	atlasV1Cluster = &scope{
		variant: VariantAtlasV1, name: "Cluster", ref: "atlasv1/groups", refPart: "clusters",
		before: atlasV1, middle: "/clusters/", after: "/backup/restoreJobs", parent: "cluster name",
		generation: cloud, body: cloudBody, cancel: true,
	}
	atlasV1Serverless = &scope{
		variant: VariantAtlasV1, name: "Serverless", ref: "atlasv1/groups", refPart: "serverless",
		before: atlasV1, middle: "/serverless/", after: "/backup/restoreJobs", parent: "instance name",
		generation: cloud, body: serverlessBody,
	}
	atlasV1LegacyCluster = &scope{
		variant: VariantAtlasV1, name: "LegacyCluster", ref: "atlasv1/groups", refPart: "legacyClusters",
		before: atlasV1, middle: "/clusters/", after: "/restoreJobs", parent: "cluster name",
		generation: classic, body: legacyBody, batch: true,
	}
	atlasV2Cluster = &scope{
		variant: VariantAtlasV2, name: "Cluster", ref: "atlasv2/groups", refPart: "clusters",
		before: atlasV2, middle: "/clusters/", after: "/backup/restoreJobs", parent: "cluster name",
		dated: dated2023, generation: cloud, body: cloudBody, cancel: true,
	}
	atlasV2Serverless = &scope{
		variant: VariantAtlasV2, name: "Serverless", ref: "atlasv2/groups", refPart: "serverless",
		before: atlasV2, middle: "/serverless/", after: "/backup/restoreJobs", parent: "instance name",
		dated: dated2023, generation: cloud, body: serverlessBody,
	}
	atlasV2LegacyCluster = &scope{
		variant: VariantAtlasV2, name: "LegacyCluster", ref: "atlasv2/groups", refPart: "legacyClusters",
		before: atlasV2, middle: "/clusters/", after: "/restoreJobs", parent: "cluster name",
		dated: dated2023, generation: classic, body: legacyBody, batch: true,
	}
	atlasV2Flex = &scope{
		variant: VariantAtlasV2, name: "Flex", ref: "atlasv2/groups", refPart: "flexClusters",
		before: atlasV2, middle: "/flexClusters/", after: "/backup/restoreJobs", parent: "cluster name",
		dated: dated2024, generation: flex, body: flexBody, projectless: true,
	}
)

// scopes is the table.
var scopes = []*scope{
	cloudManagerCluster, cloudManagerHost, opsManagerCluster, opsManagerHost, mmsCluster,
	atlasV1Cluster, atlasV1Serverless, atlasV1LegacyCluster,
	atlasV2Cluster, atlasV2Serverless, atlasV2LegacyCluster, atlasV2Flex,
}

// String names variant and scope, as in "OpsManager.Host".
func (s *scope) String() string { return string(s.variant) + "." + s.name }

// atlas reports the variants that name clusters by their names and can leave out counts.
func (s *scope) atlas() bool { return s.variant == VariantAtlasV1 || s.variant == VariantAtlasV2 }

// unsupported is the error for what this scope lacks.
func (s *scope) unsupported(operation string) error {
	return &unsupportedError{operation: operation, what: s.String()}
}

// ManagerScopes hands out the restore jobs of Cloud Manager or Ops Manager. Making a
// [Jobs] does no I/O and cannot fail; a bad id is reported by its first call.
type ManagerScopes struct {
	client        *Client
	cluster, host *scope
}

// Cluster returns the restore jobs of a replica set or sharded cluster, which is named
// by its id.
//
// API: Cloud Manager and Ops Manager "Restore Jobs", one cluster.
func (m ManagerScopes) Cluster(projectID, clusterID string) *Jobs {
	return newJobs(m.client, m.cluster, projectID, clusterID)
}

// Host returns the restore jobs of a mirrored config server (SCCC). Such clusters end
// with MongoDB 3.4.
//
// API: Cloud Manager and Ops Manager "Restore Jobs", one SCCC config server.
func (m ManagerScopes) Host(projectID, hostID string) *Jobs {
	return newJobs(m.client, m.host, projectID, hostID)
}

// MMSScopes hands out the restore jobs of MMS and Ops Manager 1.5, of 2014. An Ops Manager
// needs [WithBaseURL].
type MMSScopes struct{ client *Client }

// Cluster returns the restore jobs of a replica set or sharded cluster, which is named
// by its id.
//
// API: MMS "Restore Jobs".
func (m MMSScopes) Cluster(groupID, clusterID string) *Jobs {
	return newJobs(m.client, mmsCluster, groupID, clusterID)
}

// AtlasV1Scopes hands out the restore jobs of Atlas v1.
//
// Deprecated: MongoDB has deprecated Atlas v1 in favour of v2. Use [AtlasV2Scopes].
type AtlasV1Scopes struct{ client *Client }

// Cluster returns the cloud backup restore jobs of a cluster, which is named by its
// name.
//
// API: Atlas v1 "Cloud Backup Restore Jobs".
//
// Deprecated: MongoDB has deprecated Atlas v1 in favour of v2. Use [AtlasV2Scopes.Cluster].
func (a AtlasV1Scopes) Cluster(projectID, clusterName string) *Jobs {
	return newJobs(a.client, atlasV1Cluster, projectID, clusterName)
}

// Serverless returns the restore jobs of a serverless instance, which is named by its
// name.
//
// API: Atlas v1 "Return All Restore Jobs For One Serverless Instance".
//
// Deprecated: MongoDB ended these operations on 2026-01-22 and has removed them from its
// specification. Expect [ErrGone] or [ErrNotFound]. Use [AtlasV2Scopes.Flex].
func (a AtlasV1Scopes) Serverless(projectID, instanceName string) *Jobs {
	return newJobs(a.client, atlasV1Serverless, projectID, instanceName)
}

// LegacyCluster returns the legacy backup restore jobs of a cluster, which is named by
// its name.
//
// API: Atlas v1 "Get All Legacy Backup Restore Jobs".
//
// Deprecated: MongoDB has deprecated legacy backup: new clusters have had cloud backup only
// since 2020-03-23. Use [AtlasV2Scopes.Cluster].
func (a AtlasV1Scopes) LegacyCluster(projectID, clusterName string) *Jobs {
	return newJobs(a.client, atlasV1LegacyCluster, projectID, clusterName)
}

// AtlasV2Scopes hands out the restore jobs of Atlas v2.
type AtlasV2Scopes struct{ client *Client }

// Cluster returns the cloud backup restore jobs of a cluster, which is named by its
// name.
//
// API: Atlas v2 "listBackupRestoreJobs" and its neighbours.
func (a AtlasV2Scopes) Cluster(projectID, clusterName string) *Jobs {
	return newJobs(a.client, atlasV2Cluster, projectID, clusterName)
}

// Serverless returns the restore jobs of a serverless instance, which is named by its
// name.
//
// API: Atlas v2 "listServerlessRestoreJobs" and its neighbours.
//
// Deprecated: MongoDB ended these operations on 2026-01-22 and has removed them from its
// specification. Expect [ErrGone] or [ErrNotFound]. Use [AtlasV2Scopes.Flex].
func (a AtlasV2Scopes) Serverless(projectID, instanceName string) *Jobs {
	return newJobs(a.client, atlasV2Serverless, projectID, instanceName)
}

// LegacyCluster returns the legacy backup restore jobs of a cluster, which is named by
// its name.
//
// API: Atlas v2 "listClusterRestoreJobs" and its neighbours.
//
// Deprecated: MongoDB has deprecated legacy backup: new clusters have had cloud backup only
// since 2020-03-23. Use [AtlasV2Scopes.Cluster].
func (a AtlasV2Scopes) LegacyCluster(projectID, clusterName string) *Jobs {
	return newJobs(a.client, atlasV2LegacyCluster, projectID, clusterName)
}

// Flex returns the restore jobs of a flex cluster, which is named by its name.
//
// API: Atlas v2 "listFlexRestoreJobs" and its neighbours.
func (a AtlasV2Scopes) Flex(projectID, clusterName string) *Jobs {
	return newJobs(a.client, atlasV2Flex, projectID, clusterName)
}

// Ref returns the scope as a text for flags, files and other processes, such as
// "opsmanager/groups/{project}/clusters/{cluster}". [Client.Jobs] reads it back. It
// holds no secret.
func (j *Jobs) Ref() string {
	return strings.Join([]string{j.scope.ref, escapeSegment(j.project), j.scope.refPart, escapeSegment(j.cluster)}, "/")
}

// Jobs returns the scope that a text from [Jobs.Ref] names. The error matches
// [ErrInvalidArgument]: it tells what a reference looks like, what is wrong with an id, or
// that Ops Manager needs [WithBaseURL].
func (c *Client) Jobs(ref string) (*Jobs, error) {
	if strings.TrimSpace(ref) != ref {
		return nil, invalid("read reference", fmt.Sprintf("ref %q must not begin or end with white space", clean(ref, 200)))
	}
	parts := strings.Split(ref, "/")
	if len(parts) == 5 {
		for _, s := range scopes {
			if s.ref != parts[0]+"/"+parts[1] || s.refPart != parts[3] {
				continue
			}
			jobs, err := newJobsFromRef(c, s, parts[2], parts[4])
			if err != nil {
				if errors.Is(err, ErrInvalidArgument) {
					return nil, err
				}
				return nil, invalid("read reference", err.Error())
			}
			return jobs, nil
		}
	}
	return nil, invalid("read reference",
		fmt.Sprintf("ref %q must be one of %s", clean(ref, 200), strings.Join(refForms(parts[0]), ", ")))
}

// refForms are what a reference of a product looks like, or of any where there is no such
// product.
func refForms(product string) []string {
	var of, all []string
	for _, s := range scopes {
		form := s.ref + "/…/" + s.refPart + "/…"
		all = append(all, form)
		if strings.HasPrefix(form, strings.ToLower(product)+"/") {
			of = append(of, form)
		}
	}
	if of != nil {
		return of
	}
	return all
}

func newJobsFromRef(c *Client, s *scope, project, cluster string) (*Jobs, error) {
	projectID, err := unescapeSegment(project)
	if err != nil {
		return nil, err
	}
	clusterID, err := unescapeSegment(cluster)
	if err != nil {
		return nil, err
	}
	jobs := newJobs(c, s, projectID, clusterID)
	return jobs, jobs.pathProblem("read reference")
}

// escapeSegment escapes one path segment.
func escapeSegment(segment string) string {
	if plainSegment(segment) {
		return segment
	}
	return url.PathEscape(segment)
}

// plainSegment reports an id of letters, digits, "-" and "_", as nearly all are.
func plainSegment(id string) bool {
	for i := range len(id) {
		if c := id[i]; (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' {
			return false
		}
	}
	return true
}

// unescapeSegment reads back what escapeSegment wrote.
func unescapeSegment(segment string) (string, error) {
	plain, err := url.PathUnescape(segment)
	if err != nil {
		return "", fmt.Errorf("ref: %q is not escaped as a path segment is", clean(segment, 100))
	}
	return plain, nil
}

// maxID is longer than any id or name that a service gives.
const maxID = 255

// segmentProblem returns what forbids an id as a path segment, "" for nothing. Whatever
// could lead to another path, here or behind a proxy that unescapes, is refused; the
// rest is escaped.
func segmentProblem(name, id string) string {
	switch {
	case id == "":
		return name + " must not be empty"
	case plainSegment(id) && len(id) <= maxID:
		return ""
	case id == "." || id == "..":
		return name + ` must not be "." or ".."`
	case strings.ContainsAny(id, `/\%?#`):
		return name + ` must not contain / \ % ? or #`
	case !utf8.ValidString(id):
		return name + " must be UTF-8"
	case strings.ContainsFunc(id, func(r rune) bool { return !unicode.IsGraphic(r) }):
		return name + " must not contain control or other invisible characters"
	case strings.TrimSpace(id) != id:
		return name + " must not begin or end with white space"
	case len(id) > maxID:
		return fmt.Sprintf("%s must be at most %d bytes", name, maxID)
	}
	return ""
}
