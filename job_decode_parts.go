package restorejobs

import "example.com/restorejobs/internal/jsondec"

// The parts of a job. Each field of the model is a line in its struct and a line here.

func (d *Delivery) decode(dec *jsondec.Decoder) (unread unreadMembers) {
	isNull := dec.Kind() == jsondec.KindNull
	if !dec.Object() {
		unread.record(unreadDelivery, isNull)
		return unread
	}
	isURLRead := true
	isURLV2Read := true
	for key, ok := dec.Key(); ok; key, ok = dec.Key() {
		switch string(key) {
		case "methodName":
			unread.record(unreadTarget, jsondec.String(dec, &d.MethodName))
		case "statusName":
			unread.record(unreadDelivery, jsondec.String(dec, &d.StatusName))
		case "url":
			isURLRead = decodeLink(dec, &d.URL)
		case "urlV2":
			isURLV2Read = decodeLink(dec, &d.URLV2)
		case "authHeader":
			jsondec.String(dec, &d.AuthHeader)
		case "authBearer":
			jsondec.String(dec, &d.AuthBearer)
		case "authValue":
			jsondec.String(dec, &d.AuthValue)
		case "expires":
			dec.Time(&d.Expires)
		case "expirationHours":
			jsondec.Int(dec, &d.ExpirationHours)
		case "maxDownloads":
			jsondec.Int(dec, &d.MaxDownloads)
		case "targetGroupId":
			jsondec.String(dec, &d.TargetGroupID)
		case "targetClusterId":
			unread.record(unreadTarget, jsondec.String(dec, &d.TargetClusterID))
		case "targetClusterName":
			unread.record(unreadTarget, jsondec.String(dec, &d.TargetClusterName))
		default:
			dec.Skip()
		}
	}
	switch {
	case d.URLV2 != "":
		unread.record(unreadLinks, isURLV2Read)
	case d.URL != "":
		unread.record(unreadLinks, isURLRead)
	default:
		unread.record(unreadLinks, isURLRead && isURLV2Read)
	}
	return unread
}

func (f *FileHash) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "typeName":
			jsondec.String(d, &f.TypeName)
		case "fileName":
			jsondec.String(d, &f.FileName)
		case "hash":
			jsondec.String(d, &f.Hash)
		case "links":
			f.Links = decodeLinks(d)
		default:
			d.Skip()
		}
	}
}

func (l *Link) decode(d *jsondec.Decoder) {
	if !d.Object() {
		return
	}
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "rel":
			jsondec.String(d, &l.Rel)
		case "href":
			jsondec.String(d, &l.Href)
		default:
			d.Skip()
		}
	}
}

// decode reports whether the component's link could be read.
func (c *ClusterComponent) decode(d *jsondec.Decoder) bool {
	isNull := d.Kind() == jsondec.KindNull
	if !d.Object() {
		return isNull
	}
	hasPublic := true
	hasPrivate := true
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "replicaSetName":
			jsondec.String(d, &c.ReplicaSetName)
		case "downloadUrl":
			hasPublic = decodeLink(d, &c.DownloadURL)
		case "privateDownloadDeliveryUrls":
			c.PrivateDownloadDeliveryURLs, hasPrivate = decodePrivateDownloads(d)
		default:
			d.Skip()
		}
	}
	return hasPublic && (hasPrivate || c.DownloadURL != "")
}

// decode reports whether the link could be read.
func (p *PrivateDownload) decode(d *jsondec.Decoder) bool {
	isNull := d.Kind() == jsondec.KindNull
	if !d.Object() {
		return isNull
	}
	isRead := true
	for key, ok := d.Key(); ok; key, ok = d.Key() {
		switch string(key) {
		case "deliveryUrl":
			isRead = decodeLink(d, &p.DeliveryURL)
		case "endpointId":
			jsondec.String(d, &p.EndpointID)
		default:
			d.Skip()
		}
	}
	return isRead
}
