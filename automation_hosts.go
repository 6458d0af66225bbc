package restorejobs

import (
	"context"
	"encoding/json"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"example.com/restorejobs/internal/jsondec"
	"example.com/restorejobs/internal/paging"
)

// host is one monitored process of a cluster.
//
// API: Cloud Manager and Ops Manager "Get All Hosts in One Project".
type host struct {
	ID             string `json:"id"`
	Hostname       string `json:"hostname"`
	Port           int    `json:"port"`
	ReplicaSetName string `json:"replicaSetName"`
	ShardName      string `json:"shardName"`
	TypeName       string `json:"typeName"`
	Deactivated    bool   `json:"deactivated"`
}

// isOfShardedCluster reports a host that names its shard, or a type such as SHARD_CONFIG.
func (h *host) isOfShardedCluster() bool {
	return h.ShardName != "" || strings.HasPrefix(h.TypeName, "SHARD")
}

// runs reports whether a process of the automation status is the one of this host. The documents of
// the status have no port, so processes of one host are all taken for it.
func (h *host) runs(p *AutomationProcess) bool {
	hasPorts := h.Port != 0 && p.Port != 0
	return strings.EqualFold(h.Hostname, p.Hostname) && (!hasPorts || h.Port == p.Port)
}

// listHosts reads the active hosts of one cluster, or of one shard. It returns none if one of them has
// no name, as a part of the hosts proves nothing.
func (a *automationAPI) listHosts(ctx context.Context, clusterID string) ([]*host, error) {
	const operation = "list hosts"
	spec := &listSpec[*host]{
		operation: operation,
		noun:      "host",
		appendID:  func(dst []byte, h *host) []byte { return append(dst, h.ID...) },
		size:      maxItemsPerPage,
		smallSize: legacyMaxItemsPerPage,
	}
	spec.fetch = func(ctx context.Context, number, size int) (*paging.Page[*host], error) {
		query := pageQuery(number, size)
		query.Set("clusterId", clusterID)
		req, err := a.newRequest(sourceCall{
			operation: operation,
			method:    http.MethodGet,
			path:      a.projectPath() + "/hosts",
			query:     query,
		})
		if err != nil {
			return nil, err
		}
		page, _, err := sendPage(ctx, a.client, req, number, readHost)
		return page, err
	}
	hosts, err := spec.collect(ctx)
	if err != nil {
		return nil, err
	}
	hosts = slices.DeleteFunc(hosts, func(h *host) bool { return h.Deactivated })
	if slices.ContainsFunc(hosts, func(h *host) bool { return h.Hostname == "" }) {
		return nil, nil // the hosts are unknown
	}
	return hosts, nil
}

// readHost is the entryReader of hosts. An entry that is not a host is empty.
func readHost(d *jsondec.Decoder) *host {
	h := new(host)
	_ = json.Unmarshal(d.Raw(), h) // a member of another type is missing
	return h
}

// listTargetHosts reads the hosts of every replica set of a cluster. It returns none if a part of the
// cluster has none.
//
// No document states whether the ID of a sharded cluster selects the hosts of its shards. So its
// shards and config servers are read from the list of clusters, where they have its name, and
// the hosts of those that are missing are read by their own IDs.
func (a *automationAPI) listTargetHosts(ctx context.Context, clusterID string, isSharded bool) ([]*host, error) {
	hosts, err := a.listHosts(ctx, clusterID)
	if err != nil {
		return nil, err
	}
	isSharded = isSharded || slices.ContainsFunc(hosts, (*host).isOfShardedCluster)
	if !isSharded {
		return hosts, nil
	}
	entries, err := listManagerClusters(ctx, a.client, a.endpoint, "list clusters", a.projectID)
	if err != nil {
		return nil, err
	}
	parts := clusterParts(entries, clusterID)
	for _, part := range parts {
		if hasReplicaSet(hosts, part.ReplicaSetName) {
			continue
		}
		more, err := a.listHosts(ctx, part.ID)
		if err != nil {
			return nil, err
		}
		if len(more) == 0 {
			return nil, nil // a part without known hosts proves nothing
		}
		hosts = append(hosts, more...)
	}
	if len(parts) == 0 {
		return nil, nil
	}
	return hosts, nil
}

// clusterParts returns the shards and config servers of a cluster, which share its name. It returns none
// if an entry has no ID, as that can be a part.
func clusterParts(entries []*managerCluster, clusterID string) []*managerCluster {
	if slices.ContainsFunc(entries, func(entry *managerCluster) bool { return entry.ID == "" }) {
		return nil
	}
	whole := slices.IndexFunc(entries, func(entry *managerCluster) bool { return strings.EqualFold(entry.ID, clusterID) })
	if whole < 0 || entries[whole].ClusterName == "" {
		return nil
	}
	var parts []*managerCluster
	for i, entry := range entries {
		if i != whole && entry.ClusterName == entries[whole].ClusterName {
			parts = append(parts, entry)
		}
	}
	return parts
}

func hasReplicaSet(hosts []*host, name string) bool {
	return name != "" && slices.ContainsFunc(hosts, func(h *host) bool { return h.ReplicaSetName == name })
}

// distinctHosts removes hosts that two lists have.
func distinctHosts(hosts []*host) []*host {
	seen := map[string]bool{}
	return slices.DeleteFunc(hosts, func(h *host) bool {
		key := net.JoinHostPort(strings.ToLower(h.Hostname), strconv.Itoa(h.Port))
		isSeen := seen[key]
		seen[key] = true
		return isSeen
	})
}
