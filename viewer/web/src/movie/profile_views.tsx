// The two profiles of a movie, through the crossing lines.

import type { ReadonlySignal } from '@preact/signals';
import { computed } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Frame, Recording } from '../api/types';
import { ProfilePlot, type ProfileCurve, type ProfileScene } from '../plot/profile_plot';
import { statusText } from '../shell/status';
import { numberText } from '../shell/texts';
import { movieView } from '../state/movie';
import { ontoOf } from '../state/places';
import { displayOf, type Display } from './display';
import { envelopeOf } from './envelope';
import { profileOf, type Axis } from './profiles';

const colours = ['#e5484d', '#30a46c', '#3e82f7'];

function makeCurves(r: Recording, axis: Axis): ReadonlySignal<ProfileCurve[]> {
  const view = movieView(r);
  const line = () => Math.round(axis === 'row' ? view.cross.value.y : view.cross.value.x);
  const length = axis === 'row' ? r.width : r.height;
  const along = (frame: Frame, sharp: Frame | null = null) => profileOf(frame, sharp, axis, line(), length, 1).values;
  // Of the recording it is compared with, where that shows the same.
  const alongSecond = ({ recording, frame, whole }: NonNullable<Display['otherRaw']['value']>) => {
    const onto = ontoOf(r, recording) ?? { scale: 1, x: 0, y: 0 };
    const [start, across] = axis === 'row' ? [onto.x, onto.y] : [onto.y, onto.x];
    const itsLength = axis === 'row' ? recording.width : recording.height;
    const { values } = profileOf(whole ?? frame, frame, axis, Math.round(onto.scale * line() + across), itsLength, 1);
    return Float64Array.from({ length }, (_, i) => values[Math.round(onto.scale * i + start)] ?? NaN);
  };
  return computed(() => {
    const frame = view.shown.value;
    if (!frame) return [];
    const own = (c: number) => profileOf(frame, view.sharp.value, axis, line(), length, view.profiles.value.band, c);
    const curves: ProfileCurve[] = r.n_colours === 3 ? colours.map((colour, c) => ({ ...own(c), colour })) : [{ ...own(-1), colour: '--accent' }];
    const envelope = view.profiles.value.envelope ? envelopeOf(r).value : null;
    if (envelope) curves.unshift({ values: [], low: along(envelope.min), high: along(envelope.max), colour: '--range' });
    const second = view.compare.value === 'off' ? null : displayOf(r).otherRaw.value;
    if (second) curves.push({ values: alongSecond(second), low: null, high: null, colour: '--mark' });
    return curves;
  });
}

function sceneOf(r: Recording, axis: Axis, curves: ProfileCurve[]): ProfileScene {
  const view = movieView(r);
  const v = view.viewport.value;
  const isRow = axis === 'row';
  const um = isRow ? r.pixel_width_um : r.pixel_height_um;
  const isUm = view.unit.value === 'um' && um !== null;
  return {
    curves,
    first: isRow ? v.x : v.y,
    scale: v.scale,
    length: isRow ? v.width : v.height,
    size: isRow ? r.width : r.height,
    mark: isRow ? view.cross.value.x : view.cross.value.y,
    unit: isUm ? um : 1,
    unitName: isUm ? 'µm' : 'px',
  };
}

function View({ recording: r, axis }: { recording: Recording; axis: Axis }) {
  const view = movieView(r);
  const curves = useMemo(() => makeCurves(r, axis), [r.id]);
  const isRow = axis === 'row';
  const pick = (place: number) => {
    const most = (isRow ? r.width : r.height) - 1;
    const at = Math.max(0, Math.min(most, Math.round(place)));
    view.cross.value = isRow ? { ...view.cross.value, x: at } : { ...view.cross.value, y: at };
  };
  const hover = (place: number | null) => {
    const at = place === null ? -1 : Math.round(place);
    const read = curves.value.filter((c) => c.values.length > 0 && at >= 0 && at < c.values.length);
    const band = curves.value.find((c) => c.low !== null);
    const range = band && read.length > 0 ? `, ${numberText(band.low?.[at])} to ${numberText(band.high?.[at])} around` : '';
    statusText.value = read.length === 0 ? '' : `${isRow ? 'column' : 'row'} ${at}: ${read.map((c) => numberText(c.values[at], 7)).join(', ')}${range}`;
  };
  const scene = () => (view.viewport.value.width > 0 ? sceneOf(r, axis, curves.value) : null);
  return <ProfilePlot side={isRow ? 'above' : 'left'} scene={scene} onPick={pick} onHover={hover} label={isRow ? 'Horizontal profile' : 'Vertical profile'} />;
}

export const HorizontalProfile = ({ recording }: { recording: Recording }) => <View recording={recording} axis="row" />;
export const VerticalProfile = ({ recording }: { recording: Recording }) => <View recording={recording} axis="column" />;
