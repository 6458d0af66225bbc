package restorejobs

import "example.com/restorejobs/internal/jsondec"

// The parts of a snapshot. Each field of the model is a line in its struct and a line here. Lists are
// read as those of a job are.

func (p *SnapshotPart) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "typeName":
			jsondec.String(d, &p.TypeName)
		case "clusterId":
			jsondec.String(d, &p.ClusterID)
		case "hostId":
			jsondec.String(d, &p.HostID)
		case "replicaSetName":
			jsondec.String(d, &p.ReplicaSetName)
		case "mongodVersion":
			jsondec.String(d, &p.MongodVersion)
		case "fcv":
			jsondec.String(d, &p.FCV)
		case "dataSizeBytes":
			jsondec.Int(d, &p.DataSizeBytes)
		case "storageSizeBytes":
			jsondec.Int(d, &p.StorageSizeBytes)
		case "fileSizeBytes":
			jsondec.Int(d, &p.FileSizeBytes)
		case "compressionSetting":
			jsondec.String(d, &p.CompressionSetting)
		case "masterKeyUUID":
			jsondec.String(d, &p.MasterKeyUUID)
		case "encryptionEnabled":
			d.Bool(&p.EncryptionEnabled)
		case "completedTime":
			d.Time(&p.CompletedTime)
		case "machineId":
			jsondec.String(d, &p.MachineID)
		case "replicaState":
			jsondec.String(d, &p.ReplicaState)
		default:
			d.Skip()
		}
	}
}

func (m *MissingShard) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "id":
			jsondec.String(d, &m.ID)
		case "groupId":
			jsondec.String(d, &m.GroupID)
		case "typeName":
			jsondec.String(d, &m.TypeName)
		case "clusterName":
			jsondec.String(d, &m.ClusterName)
		case "shardName":
			jsondec.String(d, &m.ShardName)
		case "replicaSetName":
			jsondec.String(d, &m.ReplicaSetName)
		case "lastHeartbeat":
			d.Time(&m.LastHeartbeat)
		case "links":
			m.Links = decodeLinks(d)
		default:
			d.Skip()
		}
	}
}

func (n *NamespaceFilterList) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "filterList":
			n.FilterList = decodeStrings(d)
		case "filterType":
			jsondec.String(d, &n.FilterType)
		default:
			d.Skip()
		}
	}
}

func (m *SnapshotMember) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "id":
			jsondec.String(d, &m.ID)
		case "replicaSetName":
			jsondec.String(d, &m.ReplicaSetName)
		case "cloudProvider":
			jsondec.String(d, &m.CloudProvider)
		default:
			d.Skip()
		}
	}
}

func decodeSnapshotParts(d *jsondec.Decoder) []SnapshotPart {
	if !d.Array() {
		return nil
	}
	var elements listBuffer[SnapshotPart]
	for d.More() {
		elements.next(d).decode(d)
	}
	return elements.list()
}

func decodeSnapshotMembers(d *jsondec.Decoder) []SnapshotMember {
	if !d.Array() {
		return nil
	}
	var elements listBuffer[SnapshotMember]
	for d.More() {
		elements.next(d).decode(d)
	}
	return elements.list()
}

// decodeMissingShards also reports whether the value is a list or null.
func decodeMissingShards(d *jsondec.Decoder) (list []MissingShard, ok bool) {
	if isNull := d.Kind() == jsondec.KindNull; !d.Array() {
		return nil, isNull
	}
	var elements listBuffer[MissingShard]
	for d.More() {
		elements.next(d).decode(d)
	}
	return elements.list(), true
}

func decodeStrings(d *jsondec.Decoder) []string {
	if !d.Array() {
		return nil
	}
	elements := listBuffer[string]{keepsAll: true}
	for d.More() {
		jsondec.String(d, elements.next(d))
	}
	return elements.list()
}
