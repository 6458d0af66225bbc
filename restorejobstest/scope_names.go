package restorejobstest

// ProjectName returns the name of the project. The names differ among the products that share
// a path, so that each of them is found by its name.
func (s Scope) ProjectName() string {
	r := s.spec()
	return r.projectName()
}

func (s *scopeSpec) projectName() string {
	switch s.product() {
	case cloudManager:
		return "Cloud Production"
	case mms:
		return "MMS Production"
	default:
		return "Production"
	}
}

// ClusterName returns the name of the cluster. For Atlas it is [Scope.Cluster]. For the other
// products, whose paths have ids, it is "orders". It is empty for a host.
func (s Scope) ClusterName() string { return s.nameOf(s.Cluster(), "orders") }

// ShardedName returns the name of [Scope.Sharded], or "" if there is none. In Cloud Manager and
// Ops Manager its shards and its config server are listed under the same name.
func (s Scope) ShardedName() string { return s.nameOf(s.Sharded(), "catalog") }

// TargetName returns the name of [Scope.Target], or "" if there is none.
func (s Scope) TargetName() string { return s.nameOf(s.Target(), "orders-staging") }

// nameOf returns the name of a cluster with this id or name in paths.
func (s Scope) nameOf(idOrName, outsideAtlas string) string {
	r := s.spec()
	switch {
	case r.isAtlas(), idOrName == "":
		return idOrName
	case r.isHost() && idOrName == r.cluster:
		return ""
	default:
		return outsideAtlas
	}
}
