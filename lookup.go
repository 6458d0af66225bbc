package restorejobs

import (
	"context"
	"errors"
	"fmt"
)

const findClusterOperation = "find cluster"

// FindCluster returns the source for a cluster, by names or IDs. A name of 24 hexadecimal digits is
// tried as an ID first. All clusters of the project are read. Cloud Manager and Ops Manager.
//
// The shards and the config servers of a sharded cluster have its name too: FindCluster returns the
// sharded cluster itself, never a part of it. A replica set can be found by the name of its replica
// set, if no cluster has that name.
//
// The error is a [*LookupError] if no or several clusters or projects match.
//
// API: Cloud Manager and Ops Manager "Get One Project by Name", "Get All Clusters", "Get One
// Cluster", "Get All Projects".
func (m ManagerService) FindCluster(ctx context.Context, project, cluster string) (*Source, error) {
	l := newLookup(m.client, m.cluster, findClusterOperation)
	err := l.validate(pathParam{"project", project})
	if cluster == "" { // other names are only compared
		err = mergeInvalid(err, invalidArgument(l.operation, "cluster must not be empty"))
	}
	if err != nil {
		return nil, err
	}
	found, err := l.findProject(ctx, project)
	if err != nil {
		return nil, err
	}
	entry, err := l.findManagerCluster(ctx, found.ID, project, cluster)
	if err != nil {
		return nil, err
	}
	return m.Cluster(found.ID, entry.ID), nil
}

// FindCluster returns the source for a cluster or a flex cluster. The project is a name or an ID,
// the cluster a name. A project of 24 hexadecimal digits is tried as an ID first, which saves a
// request. A free cluster (M0) is found too, although it has no backups.
//
// The error is a [*LookupError] if the cluster or the project is unknown, or if several projects match.
//
// API: Atlas v2 "getGroupByName", "getCluster", "listGroups".
func (a AtlasV2Service) FindCluster(ctx context.Context, project, cluster string) (*Source, error) {
	l := newLookup(a.client, atlasV2Cluster, findClusterOperation)
	if err := l.validate(pathParam{"project", project}, pathParam{"cluster", cluster}); err != nil {
		return nil, err
	}
	var unknownID error
	if isObjectID(project) {
		source, err := a.findCluster(ctx, l, project, project, cluster)
		if !isUnknownProject(err) {
			return source, err
		}
		unknownID = err
	}
	found, err := l.findProjectByName(ctx, project)
	switch {
	case err == nil:
		return a.findCluster(ctx, l, found.ID, project, cluster)
	case unknownID != nil && errors.Is(err, ErrNotFound):
		return nil, unknownID
	default:
		return nil, err
	}
}

// findCluster returns the source for a cluster of a project whose ID is known.
func (a AtlasV2Service) findCluster(ctx context.Context, l *lookup, projectID, project, cluster string) (*Source, error) {
	found, err := a.Cluster(projectID, cluster).getCluster(ctx, l.operation)
	switch {
	case err == nil:
		return a.Cluster(projectID, found.Name), nil
	case errors.Is(err, ErrorCodeCannotUseFlexClusterInClusterAPI):
		return a.Flex(projectID, cluster), nil
	default:
		return nil, l.clusterError(project, cluster, err)
	}
}

// findManagerCluster returns the entry of a cluster with an ID or a name.
func (l *lookup) findManagerCluster(ctx context.Context, projectID, project, cluster string) (*managerCluster, error) {
	if isObjectID(cluster) {
		found, err := newSource(l.client, l.endpoint, projectID, cluster).getCluster(ctx, l.operation)
		switch {
		case err == nil && found.shardOf != "":
			return nil, l.noCluster(project, cluster, partHint(cluster, found.RawType, found.shardOf))
		case err == nil:
			return &managerCluster{ID: found.ID}, nil
		case !isUnknownID(err):
			return nil, l.clusterError(project, cluster, err)
		}
	}
	entries, err := listManagerClusters(ctx, l.client, l.endpoint, l.operation, projectID)
	if err != nil {
		return nil, l.clusterError(project, cluster, err)
	}
	return l.choose(entries, project, cluster)
}

// choose returns the only entry with a name.
func (l *lookup) choose(entries []*managerCluster, project, name string) (*managerCluster, error) {
	found, hint := selectByName(entries, name)
	switch len(found) {
	case 0:
		return nil, l.noCluster(project, name, hint)
	case 1:
		return found[0], nil
	}
	ambiguous := &LookupError{
		Kind:      LookupCluster,
		Name:      name,
		Project:   project,
		operation: l.operation,
	}
	for _, entry := range found {
		ambiguous.Candidates = append(ambiguous.Candidates, Candidate{
			ID:         entry.ID,
			Name:       entry.ClusterName,
			Type:       entry.TypeName,
			ReplicaSet: entry.ReplicaSetName,
			Shard:      entry.ShardName,
		})
	}
	return nil, ambiguous
}

func (l *lookup) noCluster(project, name, hint string) error {
	return &LookupError{
		Kind:      LookupCluster,
		Name:      name,
		Project:   project,
		operation: l.operation,
		hint:      hint,
	}
}

// selectByName returns the entries that can be meant by a name. Sharded clusters come before
// replica sets, and names of clusters before those of replica sets. If only parts of a sharded
// cluster have the name, it returns a hint.
func selectByName(entries []*managerCluster, name string) (found []*managerCluster, hint string) {
	sharded := map[string]bool{} // by name
	for _, entry := range entries {
		if entry.isSharded() && entry.ClusterName != "" {
			sharded[entry.ClusterName] = true
		}
	}
	var clusters []*managerCluster
	var byClusterName []*managerCluster
	var byReplicaSetName []*managerCluster
	for _, entry := range entries {
		hasClusterName := entry.ClusterName == name
		hasReplicaSetName := entry.ReplicaSetName == name
		isPart := entry.isShard() || entry.isConfigServer() || sharded[entry.ClusterName]
		switch {
		case entry.ID == "" || !hasClusterName && !hasReplicaSetName:
		case entry.isSharded() && hasClusterName:
			clusters = append(clusters, entry)
		case isPart:
			hint = partHint(name, entry.TypeName, entry.ClusterName)
		case hasClusterName:
			byClusterName = append(byClusterName, entry)
		default:
			byReplicaSetName = append(byReplicaSetName, entry)
		}
	}
	for _, found := range [][]*managerCluster{clusters, byClusterName, byReplicaSetName} {
		if len(found) > 0 {
			return found, ""
		}
	}
	return nil, hint
}

// partHint describes a part of a sharded cluster.
func partHint(name, typeName, cluster string) string {
	if typeName == managerConfigServer {
		return fmt.Sprintf("%q are the config servers of cluster %q", sanitize(name, 100), sanitize(cluster, 100))
	}
	return fmt.Sprintf("%q is a shard of cluster %q", sanitize(name, 100), sanitize(cluster, 100))
}
