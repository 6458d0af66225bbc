package restorejobs

import (
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"example.com/restorejobs/internal/api"
)

// Source is a cluster, host or instance whose backups are restored. Get one from a [Client], as
// in client.OpsManager.Cluster(projectID, clusterID), or from a reference with [Client.Source].
// It is immutable and safe for concurrent use. Creating it sends no request: its first call reports
// an invalid ID.
type Source struct {
	// Jobs are the restore jobs of the source.
	Jobs *Jobs
	// Snapshots are the snapshots of the source.
	Snapshots *Snapshots
	// CollectionJobs are the collection restores of the source. Clusters of Atlas v2.
	CollectionJobs *CollectionJobs

	sourceAPI
}

func newSource(c *Client, e *endpoint, projectID, clusterID string) *Source {
	calls := newSourceAPI(c, e, projectID, clusterID)
	return &Source{
		Jobs:           &Jobs{sourceAPI: calls},
		Snapshots:      &Snapshots{sourceAPI: calls},
		CollectionJobs: &CollectionJobs{sourceAPI: calls},
		sourceAPI:      calls,
	}
}

// Cluster returns the source for a replica set or sharded cluster.
//
// API: Cloud Manager and Ops Manager "Restore Jobs", one cluster.
func (m ManagerService) Cluster(projectID, clusterID string) *Source {
	return newSource(m.client, m.cluster, projectID, clusterID)
}

// Host returns the source for a mirrored config server (SCCC), which MongoDB 3.4 removed.
//
// API: Cloud Manager and Ops Manager "Restore Jobs", one SCCC config server.
func (m ManagerService) Host(projectID, hostID string) *Source {
	return newSource(m.client, m.host, projectID, hostID)
}

// Cluster returns the source for a replica set or sharded cluster.
//
// API: MMS "Restore Jobs".
func (m MMSService) Cluster(groupID, clusterID string) *Source {
	return newSource(m.client, mmsCluster, groupID, clusterID)
}

// Cluster returns the source for a cluster.
//
// API: Atlas v1 "Cloud Backup Restore Jobs".
//
// Deprecated: MongoDB has deprecated Atlas v1 in favour of v2. Use [AtlasV2Service.Cluster].
func (a AtlasV1Service) Cluster(projectID, clusterName string) *Source {
	return newSource(a.client, atlasV1Cluster, projectID, clusterName)
}

// Serverless returns the source for a serverless instance.
//
// API: Atlas v1 "Return All Restore Jobs For One Serverless Instance".
//
// Deprecated: MongoDB ended these operations on 2026-01-22 and has removed them from its
// specification. Expect [ErrGone] or [ErrNotFound]. Use [AtlasV2Service.Flex].
func (a AtlasV1Service) Serverless(projectID, instanceName string) *Source {
	return newSource(a.client, atlasV1Serverless, projectID, instanceName)
}

// LegacyCluster returns the source for a cluster with legacy backup.
//
// API: Atlas v1 "Get All Legacy Backup Restore Jobs".
//
// Deprecated: MongoDB has deprecated legacy backup: new clusters have had cloud backup only
// since 2020-03-23. Use [AtlasV2Service.Cluster].
func (a AtlasV1Service) LegacyCluster(projectID, clusterName string) *Source {
	return newSource(a.client, atlasV1LegacyCluster, projectID, clusterName)
}

// Cluster returns the source for a cluster.
//
// API: Atlas v2 "listBackupRestoreJobs" and related operations.
func (a AtlasV2Service) Cluster(projectID, clusterName string) *Source {
	return newSource(a.client, atlasV2Cluster, projectID, clusterName)
}

// Serverless returns the source for a serverless instance.
//
// API: Atlas v2 "listServerlessRestoreJobs" and related operations.
//
// Deprecated: MongoDB ended these operations on 2026-01-22 and has removed them from its
// specification. Expect [ErrGone] or [ErrNotFound]. Use [AtlasV2Service.Flex].
func (a AtlasV2Service) Serverless(projectID, instanceName string) *Source {
	return newSource(a.client, atlasV2Serverless, projectID, instanceName)
}

// LegacyCluster returns the source for a cluster with legacy backup.
//
// API: Atlas v2 "listClusterRestoreJobs" and related operations.
//
// Deprecated: MongoDB has deprecated legacy backup: new clusters have had cloud backup only
// since 2020-03-23. Use [AtlasV2Service.Cluster].
func (a AtlasV2Service) LegacyCluster(projectID, clusterName string) *Source {
	return newSource(a.client, atlasV2LegacyCluster, projectID, clusterName)
}

// Flex returns the source for a flex cluster.
//
// API: Atlas v2 "listFlexRestoreJobs" and related operations.
func (a AtlasV2Service) Flex(projectID, clusterName string) *Source {
	return newSource(a.client, atlasV2Flex, projectID, clusterName)
}

// Variant returns the product that the source belongs to.
func (s *Source) Variant() Variant { return s.endpoint.variant }

// ProjectID returns the project ID of the source.
func (s *Source) ProjectID() string { return s.projectID }

// ClusterID returns the ID of a cluster or host of Cloud Manager, Ops Manager and MMS, or the name of
// a cluster or instance of Atlas.
func (s *Source) ClusterID() string { return s.clusterID }

// Ref returns a reference for flags, files and other processes, such as
// "opsmanager/groups/{project}/clusters/{cluster}". It has no secret. [Client.Source] parses it.
func (s *Source) Ref() string { return s.ref() }

// String returns the reference of the source.
func (s *Source) String() string { return s.Ref() }

// Format prints [Source.Ref] for every verb.
func (s *Source) Format(f fmt.State, _ rune) { writeString(f, s.Ref()) }

// LogValue returns [Source.Ref] for log/slog.
func (s *Source) LogValue() slog.Value { return slog.StringValue(s.Ref()) }

// Source returns the source of a reference from [Source.Ref]. The error matches
// [ErrInvalidArgument] if ref is not a reference, an ID in it is invalid, or an Ops Manager needs
// [WithBaseURL].
func (c *Client) Source(ref string) (*Source, error) {
	const operation = "parse reference"
	if strings.TrimSpace(ref) != ref {
		return nil, invalidArgument(operation, fmt.Sprintf("ref %q must not begin or end with white space", sanitize(ref, 200)))
	}
	parts := strings.Split(ref, "/")
	for _, e := range endpoints {
		if !e.matchesRef(parts) {
			continue
		}
		source, err := newSourceFromRef(c, e, parts[2], parts[4])
		if err == nil || errors.Is(err, ErrInvalidArgument) {
			return source, err
		}
		return nil, invalidArgument(operation, err.Error())
	}
	return nil, invalidArgument(operation,
		fmt.Sprintf("ref %q must be one of %s", sanitize(ref, 200), strings.Join(refExamples(parts[0]), ", ")))
}

// matchesRef reports whether the parts of a reference are those of this endpoint.
func (e *endpoint) matchesRef(parts []string) bool {
	return len(parts) == 5 && parts[0]+"/"+parts[1] == e.refPrefix && parts[3] == e.refCollection
}

// refExamples are the forms of the references of a product, or of all products if it is unknown.
func refExamples(product string) []string {
	var matching []string
	var all []string
	for _, e := range endpoints {
		form := e.refPrefix + "/…/" + e.refCollection + "/…"
		all = append(all, form)
		if strings.HasPrefix(form, strings.ToLower(product)+"/") {
			matching = append(matching, form)
		}
	}
	if matching != nil {
		return matching
	}
	return all
}

// unescapeRefSegment reads one id of a reference.
func unescapeRefSegment(segment string) (string, error) {
	plain, err := api.UnescapeSegment(segment)
	if err != nil {
		return "", fmt.Errorf("ref: %q is not escaped as a path segment is", sanitize(segment, 100))
	}
	return plain, nil
}

func newSourceFromRef(c *Client, e *endpoint, project, cluster string) (*Source, error) {
	projectID, err := unescapeRefSegment(project)
	if err != nil {
		return nil, err
	}
	clusterID, err := unescapeRefSegment(cluster)
	if err != nil {
		return nil, err
	}
	source := newSource(c, e, projectID, clusterID)
	if err := source.validateIDs("parse reference"); err != nil {
		return nil, err
	}
	return source, nil
}
